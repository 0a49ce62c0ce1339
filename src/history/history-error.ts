import { SchemaError } from '../support/schema-error';
import { oneLine } from '../support/printable';
import type { StoredEvent } from './events';
import { isBroken, type MigrationState, type MigrationStatus } from './integrity';

/** The problem and the fix for each broken state. */
const messages: Readonly<
  Partial<Record<MigrationState, (name: string, status: MigrationStatus) => readonly [problem: string, fix: string]>>
> = {
  edited: (name) => [
    'the text of this migration changed after it was applied',
    `if this migration is not merged anywhere, roll it back and apply it again: \`redo --migration ${name}\`; otherwise restore its text and write a new migration, or accept it: ${accept(name)}`,
  ],
  missing: (name, { isRecorded }) =>
    name.endsWith('.js')
      ? [
          'the changelog has a .js name, but migrations are .ts files here',
          `if its file is now ${name.replace(/\.js$/, '.ts')}, change the name in the row: docs/moving-in.md has the command; otherwise continue without it: ${accept(name)}`,
        ]
      : isRecorded
        ? ['it was applied, and its file is missing', `restore the file, or continue without it: ${accept(name)}`]
        : [
            'an attempt to apply it did not finish, and its file is missing',
            `restore the file, then run \`deploy\` or \`rollback --steps 1\`; or continue without it: ${accept(name)}`,
          ],
  late: (name) => [
    'the time in its name is older than the times of migrations that are already applied',
    `give the file a name with a newer time, or apply the migration out of order: ${accept(name)}`,
  ],
  'half rolled back': (name) => [
    'the `down` of this migration began, and did not finish',
    `finish the rollback with \`rollback --steps 1\` (or \`--to\` the migration before it), or apply ${name} again with \`deploy --resume\``,
  ],
  unknown: (name) => [
    'the changelog names it, but no event records who applied it, and with which text',
    `compare the migration with the database, then accept it: ${accept(name)}`,
  ],
};

function accept(name: string): string {
  return `\`accept --migration ${name} --reason "…"\``;
}

/** Returns an error with code `HISTORY` that names every broken migration, when it was applied and by whom, and the fix. */
export function historyError(statuses: readonly MigrationStatus[]): SchemaError | undefined {
  const broken = withoutRenamed(statuses.filter(isBroken));
  if (broken.length === 0) return undefined;
  const told = broken.map((status) => {
    const [problem, fix] = messages[status.state]?.(status.name, status) ?? [];
    return { why: [`${status.name} is ${status.state}: ${problem}`, `  ${describeApplied(status)}`], fix };
  });
  const [first, ...others] = told;
  // Each migration has its own fix. If several migrations are broken, each fix is shown below its problem.
  const isOne = others.length === 0;
  return new SchemaError('HISTORY', 'The history is broken, so nothing was changed', {
    why: isOne ? first?.why : told.flatMap(({ why, fix }) => [...why, `  fix: ${fix}`]),
    fix: isOne ? first?.fix : 'correct each migration as described above',
  });
}

/** Leaves out migrations that seem late only because their rows still have the names of .js files: the error reports those rows instead. */
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
