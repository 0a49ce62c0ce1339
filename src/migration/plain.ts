import type { Db, MongoClient } from 'mongodb';
import { assemble } from './migration';
import { irreversible, type Migration, type OpaqueStep } from './types';

/** What a plain migration exports: what migrate-mongo calls. */
export interface PlainExports {
  readonly up: (db: Db, client: MongoClient) => unknown;
  readonly down?: ((db: Db, client: MongoClient) => unknown) | null;
}

/** A migration of one opaque step: a file that exports `up(db, client)` and `down`, as migrate-mongo has them. */
export function plainMigration(file: string, exported: PlainExports): Migration {
  return assemble(file, [plainStep(exported)]);
}

export function plainStep(exported: PlainExports): OpaqueStep {
  const { up, down } = exported;
  return {
    isOpaque: true,
    describe: ['a plain migration: its `up` is run, and nothing is known of what it does'],
    changes: [],
    uncallable: { up: problemWith('up', up), down: down ? problemWith('down', down) : undefined },
    // Nobody can tell, so it is never asked.
    isDone: () => Promise.resolve(false),
    // Called as methods, as migrate-mongo does it, on the run's own client.
    run: async ({ db }) => {
      await exported.up(db, db.client);
    },
    undo: down
      ? async ({ db }) => {
          await exported.down?.(db, db.client);
        }
      : irreversible('it exports no `down`'),
  };
}

/** What old versions of migrate-mongo took for a callback. */
const callback = /^(?:callback|cb|done|next)_?$/;

/** Why it cannot be called; undefined when it can be. */
function problemWith(name: string, called: (...given: never[]) => unknown): string | undefined {
  const [, list = ''] = /^[^(=]*\(([^)]*)\)/.exec(String(called)) ?? [];
  const last = list.split(',').at(-1)?.trim() ?? '';
  return callback.test(last) ? `its \`${name}\` takes a callback, \`${last}\`, which nobody would give it` : undefined;
}
