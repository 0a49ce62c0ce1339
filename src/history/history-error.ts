import { isBroken, type MigrationState, type MigrationStatus } from './integrity';

/** What is wrong with each broken state, and the way out, with the migration's own name in it. */
const messages: Readonly<
  Partial<Record<MigrationState, (name: string) => readonly [problem: string, wayOut: string]>>
> = {
  edited: (name) => [
    'its text is not the one that was applied',
    `put the text back and write a new migration, or take it as it is: ${accept(name)}`,
  ],
  missing: (name) => ['it was applied, and its file is gone', `bring the file back, or do without it: ${accept(name)}`],
  late: (name) => [
    'it is older than migrations that were applied before it came',
    `give it a newer name, or apply it out of order: ${accept(name)}`,
  ],
  'half rolled back': (name) => [
    'its `down` began and was not recorded as done',
    `finish it with \`rollback --steps 1\` (or \`--to\` the migration before it), or apply ${name} again with \`deploy --resume\``,
  ],
  unknown: (name) => [
    'the changelog names it, and no event tells who applied which text',
    `compare it with the database, then take it as it is: ${accept(name)}`,
  ],
};

function accept(name: string): string {
  return `\`accept --migration ${name} --reason "…"\``;
}

/** An error with code `HISTORY` that names every broken migration, what was applied when and by whom, and the way out. */
export function historyError(statuses: readonly MigrationStatus[]): Error | undefined {
  const broken = statuses.filter(isBroken);
  if (broken.length === 0) return undefined;
  const lines = broken.flatMap((status) => {
    const [problem, wayOut] = messages[status.state]?.(status.name) ?? [];
    return [
      `  ${status.name} is ${status.state}: ${problem}.`,
      `    ${describeApplied(status)}`,
      `    Way out: ${wayOut}.`,
    ];
  });
  return Object.assign(new Error(`The history is broken, so nothing was changed.\n${lines.join('\n')}`), {
    code: 'HISTORY',
  });
}

function describeApplied({ applied, appliedAt }: MigrationStatus): string {
  if (!appliedAt) return 'It is not applied.';
  const by = applied
    ? ` by ${applied.user} on ${applied.host}${applied.commit ? `, commit ${applied.commit.slice(0, 12)}` : ''}`
    : '';
  return `It was applied ${appliedAt.toISOString()}${by}.`;
}
