import { createRequire } from 'node:module';
import type * as Schema from '../schema';
import { surroundWith, type Surroundings } from './circumstances';
import type * as Load from './load';

/** The task that this process receives. */
export interface Order extends Surroundings {
  readonly files: readonly string[];
}

/** The hash of the changes for each file; null when a file cannot be loaded here. */
export type Answer = readonly (string | null)[];

// This file runs in a separate process, which `elsewhere.ts` starts. Migrations are loaded only after the clock and the random numbers are
// replaced.
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
  // A migration may have left something running, so end the process.
  process.send?.(answer, undefined, {}, () => process.exit());
});
