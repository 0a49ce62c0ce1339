import type { Db, MongoClient } from 'mongodb';
import { assemble } from './migration';
import { irreversible, type Migration, type OpaqueStep } from './types';

/** The exports of a plain migration, which migrate-mongo calls. */
export interface PlainExports {
  readonly up: (db: Db, client: MongoClient) => unknown;
  readonly down?: ((db: Db, client: MongoClient) => unknown) | null;
}

/** Makes a migration from a file that exports `up(db, client)` and `down`, as for migrate-mongo. Its only step is opaque. */
export function plainMigration(file: string, exported: PlainExports): Migration {
  return assemble(file, [plainStep(exported)]);
}

export function plainStep(exported: PlainExports): OpaqueStep {
  const { up, down } = exported;
  return {
    isOpaque: true,
    describe: ['a plain migration: its `up` is run, and what it does is unknown'],
    changes: [],
    uncallable: { up: problemWith('up', up), down: down ? problemWith('down', down) : undefined },
    // Never called, because nothing shows whether a plain migration is done.
    isDone: () => Promise.resolve(false),
    // The functions are called as methods of the exports, as migrate-mongo does, and get the client of this run.
    run: async ({ db }) => {
      await exported.up(db, db.client);
    },
    undo: down
      ? async ({ db }) => {
          await exported.down?.(db, db.client);
        }
      : irreversible('it does not export `down`'),
  };
}

/** Matches the names of callback parameters. Old versions of migrate-mongo passed a callback, but this tool does not. */
const callback = /^(?:callback|cb|done|next)_?$/;

/** Returns why the function cannot be called; undefined when it can be. */
function problemWith(name: string, called: (...given: never[]) => unknown): string | undefined {
  const [, list = ''] = /^[^(=]*\(([^)]*)\)/.exec(String(called)) ?? [];
  const last = list.split(',').at(-1)?.trim() ?? '';
  return callback.test(last)
    ? `its \`${name}\` has a parameter \`${last}\` for a callback, which is never passed`
    : undefined;
}
