import path from 'node:path';
import type { Db } from 'mongodb';
import { readConfig } from '../config';
import { ensureChangelogIndex } from '../history';
import { inverse, overlaps, type Change } from '../schema';
import { applyChanges, inspectServer, type ChangeOutcome, type Session } from './executor';
import type { Step } from './step';

export type Direction = 'up' | 'down';

/** What a migration file exports. migrate-mongo calls `up` and `down`; everything else reads the steps. */
export interface Migration {
  /** The file's name, always with `.ts`: it is the key in the changelog, whichever way the code was loaded. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** The changes of all steps, in order: what the fold folds. */
  readonly changes: readonly Change[];
  up(db: Db): Promise<void>;
  down(db: Db): Promise<void>;
}

/**
 * A migration made of steps, for a file to export: `export default migration(__filename, createCollections('users'))`.
 * @throws Error when two of its changes meet in one place: a second run could not tell how far the first one came.
 */
export function migration(fileName: string, ...steps: readonly Step[]): Migration {
  const name = migrationName(fileName);
  const changes = steps.flatMap((step) => step.changes);
  refuseOverlap(name, changes);
  const self: Migration = {
    name,
    steps,
    changes,
    up: (db) => runAlone(db, self, 'up'),
    down: (db) => runAlone(db, self, 'down'),
  };
  return Object.freeze(self);
}

/** The name that the changelog knows a migration file by: compiled code keeps the name of its source. */
export function migrationName(fileName: string): string {
  return path.basename(fileName).replace(/\.js$/, '.ts');
}

function refuseOverlap(name: string, changes: readonly Change[]): void {
  for (const [at, change] of changes.entries()) {
    const other = changes.slice(0, at).find((earlier) => overlaps(earlier.at, change.at));
    if (other) {
      throw new Error(
        `${name} changes ${change.at.join('.')} and ${other.at.join('.')}, which overlap. ` +
          'Put one of them into a migration of its own: a run that was interrupted could not tell how far it came.',
      );
    }
  }
}

/** Carries a migration out, in either direction. Running it again converges: what holds already is skipped. */
export function runMigration(session: Session, { changes }: Migration, direction: Direction): Promise<ChangeOutcome[]> {
  return applyChanges(session, direction === 'up' ? changes : inverse(changes));
}

/** What happens under a bare `migrate-mongo up`, which knows nothing but the database. */
async function runAlone(db: Db, self: Migration, direction: Direction): Promise<void> {
  const { allowDataLoss, allowSharded } = readConfig();
  const { isReplicaSet } = await inspectServer(db, { allowSharded });
  await ensureChangelogIndex(db);
  const session: Session = {
    db,
    isReplicaSet,
    guard: () => Promise.resolve(),
    ddlWait: 5_000,
    allowDataLoss: allowDataLoss.includes(self.name),
  };
  await runMigration(session, self, direction);
}
