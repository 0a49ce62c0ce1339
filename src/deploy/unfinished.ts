import type { MigrationStatus } from '../history';
import { irreversibleSteps, isPlain, type Migration } from '../migration';
import { SchemaError } from '../support/schema-error';

/**
 * Refuses a migration whose text was changed after it failed, because the changes that the old text made would be left in the database.
 * @param verb the command to run again once the old text is restored
 * @throws error with code `HISTORY` when the migration was edited after it failed.
 */
export function refuseOtherText({ name, unfinished, checksum }: MigrationStatus, verb: 'rollback' | 'redo'): void {
  if (!unfinished?.checksum || unfinished.checksum === checksum) return;
  throw new SchemaError('HISTORY', `${name} was edited after it failed halfway, so nothing was changed`, {
    why: 'its new text does not show what the failed attempt made',
    fix: `apply the new text with \`deploy\`; or restore the text of the attempt, and run \`${verb}\` again`,
  });
}

/**
 * Refuses to undo a failed migration with an irreversible step, because it is unknown which steps did something.
 * @throws error with code `IRREVERSIBLE`
 */
export function refuseIrreversible(migration: Migration): void {
  const { name, steps } = migration;
  const reasons = irreversibleSteps(steps);
  if (reasons.length === 0) return;
  throw new SchemaError('IRREVERSIBLE', `${name} failed halfway, and cannot be undone, so nothing was changed`, {
    why: reasons,
    fix: `correct the cause of the failure, and run \`deploy\` again: it ${isPlain(migration) ? 'runs the migration from the start' : 'does only the work that remains'}`,
  });
}
