import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { foldMigrations, type Migration } from '../migration';
import { findMigrations, loadMigrations } from '../project';
import type { Schema } from '../schema';
import { SchemaError } from '../support/schema-error';
import { formatted } from './format';
import { plannedFor, purposes, type PurposeOptions } from './frames';
import { fromLive } from './from-live';
import { checkNewName } from './name';
import type { Planned } from './planned';
import { Targets } from './targets';
import { emptyFrame, textOf } from './text';
import { nextFileNames, writeFiles, type WrittenFile } from './write-file';

export interface NewOptions extends PurposeOptions {
  /** The folder of the migrations. */
  readonly folder: string;
  /** What it is called, without time and ending. */
  readonly name: string;
  /** The schema of a database, for a migration that makes what it has beyond the others. */
  readonly live?: Schema | undefined;
  /** What else a new collection needs; nothing unless given. */
  readonly filesOfCollection?: ((collection: string) => readonly WrittenFile[]) | undefined;
  /** The files that say which fields a collection has, beside its validator; none unless given. */
  readonly filesOfFields?: ((collection: string) => readonly string[]) | undefined;
  /** The files that list every name of the database, of a view as well; none unless given. */
  readonly filesOfName?: ((name: string) => readonly WrittenFile[]) | undefined;
}

/** What was written; absolute paths. */
export interface NewReport {
  /** The migrations, in order. */
  readonly migrations: readonly string[];
  /** The other files that are new. */
  readonly created: readonly string[];
  /** The files that something was added to. */
  readonly edited: readonly string[];
  /** The files that a person has to edit, and what for. */
  readonly toFillIn: readonly { readonly file: string; readonly what: string }[];
  /** What the database has and no verb makes, in a sentence each. */
  readonly left: readonly string[];
}

/**
 * Writes the next migration. Everything is checked before the first file is written.
 * @throws error with code `USAGE` for a name, a collection or a field that does not fit; with the code of the verb, or `FOLD`, for
 *   a step that does not.
 */
export async function newMigration(options: NewOptions): Promise<NewReport> {
  const { folder, name } = options;
  checkNewName(name);
  refuseUnclear(options);
  const { planned, left } = plan(options);
  const names = planned.length === 0 ? [name] : planned.map(({ suffix = '' }) => name + suffix);
  const paths = nextFileNames(folder, names).map((fileName) => path.join(folder, fileName));
  const migrations = paths.map((file, at): WrittenFile => {
    const text = planned[at] ? textOf(folder, planned[at].frame) : sampleIn(folder);
    return { file, text, isNew: true };
  });
  const others = [
    ...(options.collection === undefined ? [] : (options.filesOfCollection?.(options.collection) ?? [])),
    ...planned.flatMap(({ makes = [] }) => makes).flatMap((made) => options.filesOfName?.(made) ?? []),
  ];
  const format = async (one: WrittenFile) => ({ ...one, text: await formatted(one.file, one.text) });
  writeFiles(await Promise.all([...migrations, ...others].map(format)));
  return {
    migrations: paths,
    created: others.filter(({ isNew }) => isNew).map(({ file }) => file),
    edited: others.filter(({ isNew }) => !isNew).map(({ file }) => file),
    toFillIn: [
      ...paths.flatMap((file, at) => {
        const what = planned.length === 0 ? 'its steps, and why' : planned[at]?.fillIn;
        return what === undefined ? [] : [{ file, what }];
      }),
      ...planned
        .flatMap(({ changesFieldsOf: name }) => (name === undefined ? [] : (options.filesOfFields?.(name) ?? [])))
        .map((file) => ({ file, what: 'the same as in the validator' })),
    ],
    left,
  };
}

function refuseUnclear(options: NewOptions): void {
  const named = purposes.filter((purpose) => options[purpose] !== undefined).map((purpose) => `--${purpose}`);
  const given = [...named, ...(options.live ? ['--from-live'] : [])];
  if (given.length > 1) {
    throw new SchemaError('USAGE', `A migration is for one thing, and ${given.join(' and ')} are given`, {
      fix: 'write one migration for each',
    });
  }
  for (const { option, of, why, add } of additions) {
    if (options[option] === undefined || of.some((purpose) => options[purpose] !== undefined)) continue;
    throw new SchemaError('USAGE', `--${option} ${why}`, { fix: `add ${add}, or leave --${option} out` });
  }
}

/** The options that say more of a purpose: which one has to be there, and what is said without it. */
const additions: readonly {
  readonly option: keyof NewOptions;
  readonly of: readonly (keyof NewOptions)[];
  readonly why: string;
  readonly add: string;
}[] = [
  {
    option: 'serves',
    of: ['index', 'unique'],
    why: 'tells what an index is there for, and there is none',
    add: '--index COLLECTION.FIELD',
  },
  {
    option: 'collation',
    of: ['index', 'unique'],
    why: 'tells how an index compares texts, and there is none',
    add: '--index COLLECTION.FIELD',
  },
  {
    option: 'keep',
    of: ['unique'],
    why: 'tells which duplicate stays, and nothing becomes unique',
    add: '--unique COLLECTION.FIELD',
  },
  {
    option: 'reason',
    of: ['drop', 'weights'],
    why: 'tells why something is dropped or search may fail, and neither is asked for',
    add: '--drop COLLECTION or --weights COLLECTION.FIELD=NUMBER',
  },
];

/** What an empty frame is for does not depend on other migrations, so that one which is not filled in yet is no hindrance. */
function plan(options: NewOptions): { readonly planned: readonly Planned[]; readonly left: readonly string[] } {
  const { live } = options;
  if (!live && purposes.every((purpose) => options[purpose] === undefined)) return { planned: [], left: [] };
  const migrations = loadMigrations(findMigrations(options.folder));
  const schema = foldMigrations(migrations);
  const { planned, left } = live
    ? plannedFromLive(schema, live)
    : { planned: plannedFor(options, new Targets(migrations), schema), left: [] };
  foldMigrations([...migrations, ...planned.map(asMigration)]);
  return { planned, left };
}

function plannedFromLive(schema: Schema, live: Schema) {
  const { planned, left } = fromLive(schema, live);
  if (planned) return { planned: [planned], left };
  throw new SchemaError(
    'USAGE',
    'The database has nothing beyond the migrations that a verb makes, so nothing was written',
    {
      ...(left.length > 0 && { why: left }),
      fix: '`schema drift` shows all differences',
    },
  );
}

function asMigration({ steps }: Planned): Pick<Migration, 'name' | 'changes' | 'steps'> {
  return { name: 'The new migration', steps, changes: steps.flatMap(({ changes }) => changes) };
}

/** The folder's own frame, which migrate-mongo copies too. */
function sampleIn(folder: string): string {
  const sample = path.join(folder, 'sample-migration.ts');
  return existsSync(sample) ? readFileSync(sample, 'utf8') : textOf(folder, emptyFrame);
}
