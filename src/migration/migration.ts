import { createRequire } from 'node:module';
import { namesIn, overlaps, wirePlace, type Change } from '../schema';
import type * as UnderMigrateMongo from '../execute/under-migrate-mongo';
import { migrationName } from './name';
import { isDataStep, type Migration, type Step } from './types';
import { SchemaError } from '../support/schema-error';

/**
 * Makes a migration from steps, for a file to export: `export default migration(__filename, createCollections('users'))`.
 * @throws error with code `MIGRATION` when the migration does nothing, or when two of its changes overlap: a second run could
 *   then not find out which changes an interrupted run has made.
 */
export function migration(file: string, ...steps: readonly Step[]): Migration {
  const self = assemble(file, steps);
  refuseNothing(self.name, steps);
  refuseOverlap(self.name, self.changes);
  refuseBesideRenames(self.name, steps);
  return self;
}

/** Returns the migration object for any list of steps, without checking the steps. */
export function assemble(file: string, steps: readonly Step[]): Migration {
  const changes = steps.flatMap((step) => step.changes);
  const self: Migration = {
    name: migrationName(file),
    file,
    steps,
    changes,
    up: (db) => runUnderMigrateMongo()(db, self, 'up'),
    down: (db) => runUnderMigrateMongo()(db, self, 'down'),
  };
  return Object.freeze(self);
}

/** Loads the code that runs migrations only when a migration is run, because code that only reads migrations does not need it. */
function runUnderMigrateMongo(): typeof UnderMigrateMongo.runUnderMigrateMongo {
  return (createRequire(__filename)('../execute/under-migrate-mongo') as typeof UnderMigrateMongo).runUnderMigrateMongo;
}

/** Refuses an empty migration. It would be recorded as applied, and nobody could complete it later, because its text would be frozen. */
function refuseNothing(name: string, steps: readonly Step[]): void {
  if (steps.some((step) => isDataStep(step) || step.changes.length > 0)) return;
  throw new SchemaError('MIGRATION', `${name} does nothing`, {
    why: steps.length === 0 ? 'it has no steps' : 'none of its steps changes anything',
    fix: 'write its steps: `export default migration(__filename, createCollections(…))`; or delete the file',
  });
}

/** Refuses data steps on a renamed collection in the same migration: a second run would look for their results under the wrong name. */
function refuseBesideRenames(name: string, steps: readonly Step[]): void {
  for (const rename of steps.flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'collection.name')) {
    const names = namesIn(rename);
    const step = steps.find(
      (one) => isDataStep(one) && (!one.writes || one.writes.some((written) => names.includes(written))),
    );
    if (!step) continue;
    throw new SchemaError(
      'MIGRATION',
      `${name} renames ${names[0] ?? ''}, and has a step that may write to it: ${step.describe.join('; ')}`,
      {
        why: 'after an interruption, a run could not find out whether the step had written under the old or the new name',
        fix: 'move the step to a separate migration; if it is a `run` step that writes to other collections, declare them: `writes: [NAMES]`',
      },
    );
  }
}

function refuseOverlap(name: string, changes: readonly Change[]): void {
  for (const [index, change] of changes.entries()) {
    const other = changes.slice(0, index).find((earlier) => overlaps(earlier, change));
    if (other) {
      throw new SchemaError(
        'MIGRATION',
        `${name} changes ${wirePlace(change).join('.')} and ${wirePlace(other).join('.')}, which overlap`,
        {
          why: 'after an interruption, a run could not find out how far it got',
          fix: 'move one of them to a separate migration',
        },
      );
    }
  }
}
