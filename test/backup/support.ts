import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { BSON, type Db, type Document } from 'mongodb';
import { inject, onTestFinished } from 'vitest';
import { backup, restore, type RestoreOptions } from '../../src/backup';
import { isPartial, takenAt } from '../../src/backup/folder';
import { uniqueName } from '../support/database';

export const scripts = path.resolve(__dirname, '..', '..', 'scripts');

/** A folder that is removed after the test. */
export async function temporaryFolder(prefix = 'backups-'): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Documents of every type that JSON would lose, collections with options, indexes of every kind, a view. */
export async function fill(db: Db, documents = 2_000): Promise<void> {
  const { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, Timestamp, UUID } = BSON;
  await db.createCollection('typed', {
    validator: { $jsonSchema: { required: ['kind'] } },
    validationLevel: 'moderate',
  });
  await db
    .collection('typed')
    .insertMany(
      [
        new Decimal128('1.10'),
        Long.fromString('9223372036854775807'),
        new Double(-0),
        new Double(Number.NaN),
        new Int32(1),
        new Date(-62_135_596_800_000),
        new Date(253_402_300_799_999),
        new Binary(Buffer.from([0, 255, 10]), 128),
        new UUID(),
        new BSONRegExp('^a.*"', 'imx'),
        new Code('return x', { x: new Int32(1) }),
        new Timestamp({ t: 1, i: 2 }),
        new MinKey(),
        new MaxKey(),
        'a line\nand a \0 and an é and 😀',
        { $weird: { 'a.b': [null, [], {}] }, '': 1 },
        null,
      ].map((value, _id) => ({ _id: _id as never, kind: 'typed', value })),
    );
  await db.collection('typed').insertOne({ kind: undefined, old: true }, { bypassDocumentValidation: true });
  await db.collection('typed').insertOne({ old: true }, { bypassDocumentValidation: true });
  await db.createCollection('german', { collation: { locale: 'de', strength: 1 } });
  await db.collection('german').insertMany([{ name: 'Ä' }, { name: 'z' }]);
  await db.collection('german').createIndex({ name: 1 });
  await db.collection('german').createIndex({ name: -1 }, { collation: { locale: 'simple' } }, {});
  await db.createCollection('ring', { capped: true, size: 4096, max: 10 });
  await db.collection('ring').insertMany(Array.from({ length: 15 }, (_, at) => ({ at })));
  await db.createCollection('empty');
  await db.createCollection('recent', {
    viewOn: 'results',
    pipeline: [
      { $match: { platform: 'a', number: { $gte: new Decimal128('0') }, gone: { $not: { $gt: new Date(0) } } } },
    ],
    collation: { locale: 'de', strength: 1 },
  });
  // They have expired, and would be gone before anybody compared them.
  const expired = Array.from({ length: 50 }, (_, at) => ({ at, expires_at: new Date(0) }));
  await db.collection('tokens').insertMany(expired);
  await db.collection('tokens').createIndex({ expires_at: 1 }, { expireAfterSeconds: 2_147_483_647 }, {});
  await fillResults(db, documents);
  await db
    .collection('results')
    .createIndex({ text: 'text', title: 'text' }, { weights: { title: 10 }, default_language: 'english' }, {});
  await db
    .collection('results')
    .createIndex({ number: 1 }, { unique: true, partialFilterExpression: { number: { $gt: 5 } } }, {});
}

export async function fillResults(db: Db, documents: number, name = 'results'): Promise<void> {
  const batch = 10_000;
  for (let from = 0; from < documents; from += batch) {
    const size = Math.min(batch, documents - from);
    await db.collection(name).insertMany(Array.from({ length: size }, (_, at) => result(from + at)));
  }
}

const words =
  'battery arrived late support friendly quick screen good bad terrible wonderful value broken love never'.split(' ');

/** Text that compresses as reviews do, the same for the same number. */
function result(number: number): Document {
  let state = number * 2_654_435_761 + 1;
  const word = () => words[((state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) >> 8) % words.length];
  return { number, platform: 'abc'[number % 3], title: word(), text: Array.from({ length: 40 }, word).join(' ') };
}

/** The server's own hash of every collection, but for the lease, the history, what a restore keeps aside, and views, which name their database. */
export async function hashOf(db: Db): Promise<Record<string, string>> {
  const { collections } = (await db.command({ dbHash: 1 })) as unknown as { collections: Record<string, string> };
  const { 'system.views': _views, schema_lock, schema_history, ...rest } = collections;
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !ofRestores.test(name)));
}

const ofRestores = /^(?:system\.buckets\.)?(?:restoring|replaced)_/;

/** Where the tests' server keeps a database. */
export function targetOf(database: string) {
  return { url: inject('mongodb').url, database };
}

export function backupOf(database: string, folder: string, options: Partial<Parameters<typeof backup>[0]> = {}) {
  return backup({ ...targetOf(database), folder, ...options });
}

export function restoreInto(database: string, file: string, options: Partial<RestoreOptions> = {}) {
  const yes = () => Promise.resolve(true);
  return restore({ ...targetOf(database), file, isNamed: true, confirm: yes, leaseSeconds: 2, ...options });
}

/** What a folder holds that looks like a backup of a database, and what else. */
export async function contentOf(folder: string, database: string) {
  const names = await readdir(folder);
  return {
    backups: names.filter((name) => takenAt(database, name)).sort(),
    partials: names.filter(isPartial),
    others: names.filter((name) => !takenAt(database, name) && !isPartial(name)).sort(),
  };
}

export interface ScriptOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts one of the scripts as a person would. It is killed when the test ends before it. */
export function script(name: string, args: readonly string[], { cwd, env = {} }: ScriptOptions = {}) {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const running = execa(path.join(scripts, name), args, {
    env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), MONGODB_URL: inject('mongodb').url, ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    cwd: cwd ?? process.cwd(),
  });
  onTestFinished(() => {
    running.kill('SIGKILL');
  });
  return running;
}

/** A database of the test's, dropped after it. */
export function freshName(prefix?: string): string {
  return uniqueName(prefix);
}

/** What a restore has loaded or replaced, and has not removed. */
export async function namesOfRestores(db: Db): Promise<string[]> {
  const found = await db.listCollections({}, { nameOnly: true }).toArray();
  return found.map(({ name }) => name).filter((name) => ofRestores.test(name));
}
