import { overlaps, type Change } from '../schema';
import { runAlone } from './alone';
import { migrationName } from './files';
import type { Migration, Step } from './types';

/**
 * A migration made of steps, for a file to export: `export default migration(__filename, createCollections('users'))`.
 * @throws Error when two of its changes meet in one place: a second run could not tell how far the first one came.
 */
export function migration(file: string, ...steps: readonly Step[]): Migration {
  const name = migrationName(file);
  const changes = steps.flatMap((step) => step.changes);
  refuseOverlap(name, changes);
  const self: Migration = {
    name,
    file,
    steps,
    changes,
    up: (db) => runAlone(db, self, 'up'),
    down: (db) => runAlone(db, self, 'down'),
  };
  return Object.freeze(self);
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
