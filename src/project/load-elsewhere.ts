import { createRequire } from 'node:module';
import type * as Schema from '../schema';
import { surroundWith, type Surroundings } from './circumstances';
import type * as Load from './load';

/** What this process is told. */
export interface Order extends Surroundings {
  readonly files: readonly string[];
}

/** For each file, the hash of its changes; null for one that cannot be loaded here. */
export type Answer = readonly (string | null)[];

// A process of its own, which `elsewhere.ts` starts. What loads migrations is loaded only once clock and chance are others.
process.once('message', ({ files, ...surroundings }: Order) => {
  surroundWith(surroundings);
  const load = createRequire(__filename);
  const { loadMigrations } = load('./load') as typeof Load;
  const { hashChanges } = load('../schema') as typeof Schema;
  const answer: Answer = files.map((file) => {
    try {
      const [migration] = loadMigrations([file]);
      return migration === undefined ? null : hashChanges(migration.changes);
    } catch {
      return null;
    }
  });
  // A migration may have left something running.
  process.send?.(answer, undefined, {}, () => process.exit());
});
