import type { MigrationStatus } from '../history';
import { irreversibleSteps, isPlain, type Migration } from '../migration';
import { SchemaError } from '../support/schema-error';

/**
 * What another text made would be left behind.
 * @param verb what is to be run again once the text is back
 * @throws error with code `HISTORY` for a migration that was edited since it failed.
 */
export function refuseOtherText({ name, unfinished, checksum }: MigrationStatus, verb: 'rollback' | 'redo'): void {
  if (!unfinished?.checksum || unfinished.checksum === checksum) return;
  throw new SchemaError('HISTORY', `${name} was edited since it failed halfway, so nothing was changed`, {
    why: 'its text does not tell any more what the failed attempt made',
    fix: `apply it as it is now with \`deploy\`; or put the text of the attempt back, and run \`${verb}\` again`,
  });
}

/**
 * Of one that failed halfway, nobody knows which of its steps did something.
 * @throws error with code `IRREVERSIBLE`
 */
export function refuseIrreversible(migration: Migration): void {
  const { name, steps } = migration;
  const reasons = irreversibleSteps(steps);
  if (reasons.length === 0) return;
  throw new SchemaError('IRREVERSIBLE', `${name} failed halfway, and cannot be undone, so nothing was changed`, {
    why: reasons,
    fix: `mend what made it fail, and run \`deploy\` again: it ${isPlain(migration) ? 'runs it from its beginning' : 'does only what is left to do'}`,
  });
}
