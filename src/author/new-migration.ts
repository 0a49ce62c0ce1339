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
  /** The name, without time and file extension. */
  readonly name: string;
  /**
   * The schema of a database. If given, the new migration makes everything that the database has but the existing migrations do not make.
   */
  readonly live?: Schema | undefined;
  /** Returns the other files that a new collection needs. By default there are none. */
  readonly filesOfCollection?: ((collection: string) => readonly WrittenFile[]) | undefined;
  /** Returns the files that list the fields of a collection, in addition to its validator. By default there are none. */
  readonly filesOfFields?: ((collection: string) => readonly string[]) | undefined;
  /** Returns the files that list the collections and views of the database, with one name added. By default there are none. */
  readonly filesOfName?: ((name: string) => readonly WrittenFile[]) | undefined;
}

/** The written files, as absolute paths. */
export interface NewReport {
  /** The migrations, in order. */
  readonly migrations: readonly string[];
  /** The other new files. */
  readonly created: readonly string[];
  /** The existing files that were extended. */
  readonly edited: readonly string[];
  /** The files that a person has to edit, and what to fill in. */
  readonly toFillIn: readonly { readonly file: string; readonly what: string }[];
  /** One sentence for each thing that the database has and no verb can make. */
  readonly left: readonly string[];
}

/**
 * Writes the next migration. Checks everything before it writes the first file.
 * @throws error with code `USAGE` for an invalid name, collection or field; with the code of the verb, or `FOLD`, for an invalid step.
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
        const what = planned.length === 0 ? 'its steps, and the reason' : planned[at]?.fillIn;
        return what === undefined ? [] : [{ file, what }];
      }),
      ...planned
        .flatMap(({ changesFieldsOf: name }) => (name === undefined ? [] : (options.filesOfFields?.(name) ?? [])))
        .map((file) => ({ file, what: 'the same change as in the validator' })),
    ],
    left,
  };
}

function refuseUnclear(options: NewOptions): void {
  const named = purposes.filter((purpose) => options[purpose] !== undefined).map((purpose) => `--${purpose}`);
  const given = [...named, ...(options.live ? ['--from-live'] : [])];
  if (given.length > 1) {
    throw new SchemaError('USAGE', `A migration does one thing, but ${given.join(' and ')} are given`, {
      fix: 'write one migration for each',
    });
  }
  for (const { option, of, why, add } of additions) {
    if (options[option] === undefined || of.some((purpose) => options[purpose] !== undefined)) continue;
    throw new SchemaError('USAGE', `--${option} ${why}`, { fix: `add ${add}, or omit --${option}` });
  }
}

/**
 * Options that are valid only together with another option. `of` lists these other options. `why` and `add` are texts for the error when
 * all of them are missing.
 */
const additions: readonly {
  readonly option: keyof NewOptions;
  readonly of: readonly (keyof NewOptions)[];
  readonly why: string;
  readonly add: string;
}[] = [
  {
    option: 'serves',
    of: ['index', 'unique'],
    why: 'names the query that an index serves, but there is no index',
    add: '--index COLLECTION.FIELD',
  },
  {
    option: 'collation',
    of: ['index', 'unique'],
    why: 'sets how an index compares texts, but there is no index',
    add: '--index COLLECTION.FIELD',
  },
  {
    option: 'keep',
    of: ['unique'],
    why: 'sets which duplicate stays, but no index becomes unique',
    add: '--unique COLLECTION.FIELD',
  },
  {
    option: 'reason',
    of: ['drop', 'weights'],
    why: 'gives the reason for a drop, or for searches that fail, but no option asks for either',
    add: '--drop COLLECTION or --weights COLLECTION.FIELD=NUMBER',
  },
];

/** Plans the migrations. Does not load the existing migrations for an empty file, so that an unfinished migration does not prevent it. */
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
    'The migrations already make everything in the database that a verb could make, so nothing was written',
    {
      ...(left.length > 0 && { why: left }),
      fix: '`schema drift` shows all differences',
    },
  );
}

function asMigration({ steps }: Planned): Pick<Migration, 'name' | 'changes' | 'steps'> {
  return { name: 'The new migration', steps, changes: steps.flatMap(({ changes }) => changes) };
}

/** Returns the text of the folder's sample migration, which `migrate-mongo create` copies too. */
function sampleIn(folder: string): string {
  const sample = path.join(folder, 'sample-migration.ts');
  return existsSync(sample) ? readFileSync(sample, 'utf8') : textOf(folder, emptyFrame);
}
