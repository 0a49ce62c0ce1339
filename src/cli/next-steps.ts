import { existsSync } from 'node:fs';
import path from 'node:path';
import type { NewReport } from '../author';
import { shown } from '../support/display-path';
import type { Folders } from './folders';

/** A step that the person has to do next, with its command. */
export interface NextStep {
  readonly what: string;
  readonly command: string;
}

/** Returns the steps that remain after `new`, in order. Another project has no scripts in its package.json, so only `snapshot` is named. */
export function nextSteps(
  { migrations, toFillIn }: Pick<NewReport, 'migrations' | 'toFillIn'>,
  { project, migrations: folder, docs }: Folders,
  { isIndex }: { readonly isIndex: boolean },
): NextStep[] {
  const edits = toFillIn.map(({ file, what }) => ({ command: edit(file), what }));
  const what = 'freezes the migration, and writes the new schema';
  if (docs === undefined) {
    return [...edits, { command: `npm run schema -- snapshot --migrations ${shown(fromHere(folder))}`, what }];
  }
  const queries = path.join(project, 'queries.ts');
  return [
    ...edits,
    ...(isIndex && existsSync(queries)
      ? [{ command: edit(queries), what: 'optional: the query that the index serves, see docs/indexes.md' }]
      : []),
    ...migrations.map((file) => ({
      command: `npm run test:migration -- ${path.basename(file, '.ts')}`,
      what: 'runs the migration up, down and up, and from every half-applied state',
    })),
    {
      command: 'npm run lint:migrations -- --base origin/main',
      what: 'checks the migration, as if the collections of origin/main had data',
    },
    { command: 'npm run snapshot', what },
    { command: 'npm run check', what: 'types, lint, format, rules' },
  ];
}

function edit(file: string): string {
  return `\${EDITOR:-vi} ${shown(fromHere(file))}`;
}

/** Returns a path that can be copied into a command. */
export function fromHere(file: string): string {
  return path.relative(process.cwd(), file);
}
