import path from 'node:path';

/** The parts of a migration's source code. */
export interface Frame {
  /** The verbs to import. */
  readonly verbs: readonly string[];
  /** The comment at the top of the file. */
  readonly why: string;
  /** The constants that the steps use. */
  readonly head?: readonly string[];
  /** Each step is a call of a verb, or a comment. */
  readonly steps: readonly string[];
}

/** What `schema new NAME` writes, and what `migrate-mongo create` copies from migrations/sample-migration.ts. */
export const emptyFrame: Frame = {
  verbs: [],
  why: 'Why this change is made: one or two sentences for people who read this file in a year.',
  steps: [
    "// Steps, for instance: createIndexes('projects', [{ name: 'user_id_1', key: { user_id: 1 }, serves: 'whose projects' }]),",
  ],
};

/** The folder of the verbs. */
const verbsFolder = path.resolve(__dirname, '..', 'migration');

/** Returns the source code of a migration in a folder. */
export function textOf(folder: string, { verbs, why, head = [], steps }: Frame): string {
  const module = path.relative(folder, verbsFolder).replaceAll(path.sep, '/');
  const imports = [...new Set(['migration', ...verbs])].sort().join(', ');
  const lines = steps.map((step) => `  ${step.startsWith('//') ? step : `${step},`}\n`);
  const constants = head.map((one) => `${one}\n`).join('');
  return `import { ${imports} } from '${module}';\n\n${constants}${constants && '\n'}/** ${why} */\nexport default migration(\n  __filename,\n${lines.join('')});\n`;
}
