import { SchemaError } from '../support/schema-error';
import { oneLine } from '../support/printable';
import type { StoredEvent } from './events';
import { isBroken, type MigrationState, type MigrationStatus } from './integrity';

/** What is wrong with each broken state, and the fix, with the migration's own name in it. */
const messages: Readonly<
  Partial<Record<MigrationState, (name: string, status: MigrationStatus) => readonly [problem: string, fix: string]>>
> = {
  edited: (name) => [
    'its text is not the one that was applied',
    `while it is merged nowhere, take it down and up again: \`redo --migration ${name}\`; else put the text back and write a new migration, or accept it as it is: ${accept(name)}`,
  ],
  missing: (name, { isRecorded }) =>
    name.endsWith('.js')
      ? [
          'the changelog names it so, and migrations are .ts files here',
          `if its file is ${name.replace(/\.js$/, '.ts')} now, give the row that name: docs/moving-in.md has the command; else go on without it: ${accept(name)}`,
        ]
      : isRecorded
        ? ['it was applied, and its file is missing', `restore the file, or go on without it: ${accept(name)}`]
        : [
            'it began to be applied, did not come to its end, and its file is missing',
            `restore the file, then \`deploy\` or \`rollback --steps 1\`; or go on without it: ${accept(name)}`,
          ],
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
    `compare it with the database, then accept it as it is: ${accept(name)}`,
  ],
};

function accept(name: string): string {
  return `\`accept --migration ${name} --reason "…"\``;
}

/** An error with code `HISTORY` that names every broken migration, what was applied when and by whom, and the fix. */
export function historyError(statuses: readonly MigrationStatus[]): SchemaError | undefined {
  const broken = withoutRenamed(statuses.filter(isBroken));
  if (broken.length === 0) return undefined;
  const told = broken.map((status) => {
    const [problem, fix] = messages[status.state]?.(status.name, status) ?? [];
    return { why: [`${status.name} is ${status.state}: ${problem}`, `  ${describeApplied(status)}`], fix };
  });
  const [first, ...others] = told;
  // One fix for each migration: with more than one, it stands below what is wrong with that migration.
  const isOne = others.length === 0;
  return new SchemaError('HISTORY', 'The history is broken, so nothing was changed', {
    why: isOne ? first?.why : told.flatMap(({ why, fix }) => [...why, `  fix: ${fix}`]),
    fix: isOne ? first?.fix : 'correct each migration as described above',
  });
}

/** Without those that seem late only because their rows still have the names of .js files: the rows are what is wrong. */
function withoutRenamed(broken: readonly MigrationStatus[]): MigrationStatus[] {
  const rows = new Set(broken.filter(({ state }) => state === 'missing').map(({ name }) => name));
  return broken.filter(({ name, state }) => !(state === 'late' && rows.has(name.replace(/\.ts$/, '.js'))));
}

function describeApplied({ applied, appliedAt, isRecorded, unfinished }: MigrationStatus): string {
  if (unfinished) return `it began ${unfinished.at.toISOString()}${describeActor(unfinished)}`;
  if (!isRecorded) return 'it is not applied';
  const time = appliedAt?.toISOString() ?? 'at an unknown time';
  return `it was applied ${time}${applied ? describeActor(applied) : ''}`;
}

function describeActor({ user, host, commit }: StoredEvent): string {
  return ` by ${oneLine(user)} on ${oneLine(host)}${commit ? `, commit ${oneLine(commit.slice(0, 12))}` : ''}`;
}
