import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient, type Db, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readEvents } from '../../src/history';
import { uniqueName } from '../support/database';
import { letLeaseRunOut } from '../support/lease';
import { typeScript } from '../support/type-script';

const program = path.join(__dirname, 'run-deploys.ts');

interface Run {
  /** The `_id`s of the documents begin at 0 and end before this one. */
  readonly documents: number;
  /** How often a deploy was begun by then. */
  readonly deploys: number;
}

/** A kind of data step, with a migration of it in a folder of the same name. */
interface Kind {
  /** A document of `posts` before. */
  readonly before: (_id: number) => Document;
  /** What it is at the end; undefined when it is not there any more. */
  readonly after: (_id: number) => Document | undefined;
  /** Matches the documents of `posts` that the step has yet to treat: it goes over them in the order of their `_id`s. */
  readonly left: Document;
  /** What holds of the rest of the database after each run that was killed, and at the end, when nothing is left. */
  readonly check?: (db: Db, run: Run) => Promise<void>;
}

/** Of four documents with one slug, the last stays. */
const isNewest = (_id: number) => _id % 4 === 3;
const copy = (_id: number) => ({ _id, slug: Math.floor(_id / 4), at: _id, body: 'b'.repeat(_id % 7) });

/** Of the data steps in the folder `steps`. */
export const kinds = {
  // Each document counts how often it was updated, so that an update that is made twice shows.
  backfill: {
    before: (_id) => ({ _id }),
    after: (_id) => ({ _id, language: 'en', updates: 1 }),
    left: { updates: { $exists: false } },
  },
  once: {
    before: (_id) => ({ _id }),
    after: (_id) => ({ _id, updates: 1 }),
    left: { updates: { $exists: false } },
  },
  'rename-field': {
    // Some have both fields with the same value, and some have neither.
    before: (_id) => ({
      _id,
      ...(_id % 5 < 4 && { lang: _id }),
      content: _id % 3 === 0 ? { language: _id } : { n: 1 },
    }),
    after: (_id) => ({ _id, content: renamed(_id) }),
    left: { lang: { $exists: true } },
  },
  'drop-field': {
    before: (_id) => ({ _id, parts: [{ draft: _id, n: 1 }, [{ draft: _id }], { n: 2 }] }),
    after: (_id) => ({ _id, parts: [{ n: 1 }, [{}], { n: 2 }] }),
    left: { 'parts.draft': { $exists: true } },
  },
  'remove-duplicates': {
    before: copy,
    after: (_id) => (isNewest(_id) ? copy(_id) : undefined),
    left: { $expr: { $ne: [{ $mod: ['$_id', 4] }, 3] } },
    check: async (db, { documents }) => {
      const [stayed, moved] = [await contents(db, 'posts'), await contents(db, 'removed_posts')];
      // Killed between the copy and the deletion, it leaves both; it never leaves neither.
      for (const document of [...stayed, ...moved]) expect(document).toEqual(copy(document['_id'] as number));
      const ids = new Set([...stayed, ...moved].map(({ _id }) => _id as number));
      expect(ids.size).toBe(documents);
      expect(moved.filter(({ _id }) => isNewest(_id as number))).toEqual([]);
    },
  },
  // The tool promises that the next deploy begins it again, once: which documents it treats then is up to its text.
  plain: {
    before: (_id) => ({ _id }),
    after: (_id) => ({ _id, words: 1, updates: 1 }),
    left: { words: { $exists: false } },
    check: async (db, { deploys }) => {
      expect(await db.collection('begun').countDocuments()).toBe(deploys);
    },
  },
} as const satisfies Record<string, Kind>;

function renamed(_id: number): Document {
  const rest = _id % 3 === 0 ? {} : { n: 1 };
  return _id % 3 === 0 || _id % 5 < 4 ? { ...rest, language: _id } : rest;
}

export type KindOfStep = keyof typeof kinds;
export const allKinds = Object.keys(kinds) as KindOfStep[];

interface Extent {
  readonly kinds: readonly KindOfStep[];
  /** Enough of them that no step is done before the last kill: each one costs some batches of five. */
  readonly documents: number;
  readonly kills: number;
}

interface Target extends Kind {
  readonly name: KindOfStep;
  readonly db: Db;
}

/**
 * To be called in a file. One process deploys a migration of each kind, each into a database of its own, so that one kill ends
 * a step of every kind at some moment of it.
 */
export function testKilledSteps({ kinds: tested, documents, kills }: Extent): void {
  describe(`Data steps in deploys that are killed ${kills} times`, () => {
    const { url } = inject('mongodb');
    const client = new MongoClient(url);
    const targets = tested.map((name): Target => ({ name, db: client.db(uniqueName()), ...kinds[name] }));
    /** Of each, how many documents it has at the end. */
    const lengths: number[] = [];

    beforeAll(async () => {
      for (const { db, before } of targets) await db.collection('posts').insertMany(numbersTo(documents).map(before));
      const left = targets.map(() => documents);
      for (let kill = 1; kill <= kills; kill++) {
        expect(await run(url, targets, kill)).toBeNull();
        for (const [at, { name, db, left: toDo, check }] of targets.entries()) {
          const now = await db.collection('posts').countDocuments(toDo);
          expect(now, `${name} goes on from where it was`).toBeLessThanOrEqual(left[at] ?? 0);
          expect(now, `${name} is not done by then`).toBeGreaterThan(enough);
          left[at] = now;
          await check?.(db, { documents, deploys: kill });
          await letLeaseRunOut(db);
        }
      }
      for (const target of targets) lengths.push(await cutOff(target));
      expect(await run(url, targets)).toBe(0);
    }, 1_200_000);

    afterAll(async () => {
      for (const { db } of targets) await db.dropDatabase();
      await client.close();
    });

    it.each(tested.map((name, at) => [name, at] as const))(
      'of the kind %s leave each document as it has to be',
      async (name, at) => {
        const { db, after, check } = targets[at] ?? expect.fail();
        const length = lengths[at] ?? expect.fail();
        expect(await contents(db, 'posts')).toEqual(numbersTo(length).flatMap((id) => after(id) ?? []));
        await check?.(db, { documents: length, deploys: kills + 1 });
        // What leaves no trace in the documents is remembered.
        expect(await db.collection('schema_checkpoints').countDocuments()).toBe(name === 'once' ? 1 : 0);
        const types = (await readEvents(db)).map(({ type }) => type);
        expect(types.filter((type) => type === 'interrupted')).toHaveLength(kills);
        expect(types.at(-1)).toBe('finished');
      },
    );
  });
}

/** So many documents are left to the last run, which nobody kills. */
const enough = 40;

/** Deletes what is beyond these. Returns how many there are now, those that the step has removed included. */
async function cutOff({ db, left }: Target): Promise<number> {
  const posts = db.collection<{ _id: number }>('posts');
  const next = await posts.findOne(left, { sort: { _id: 1 } });
  const length = 4 * Math.ceil(((next?._id ?? 0) + enough) / 4);
  await posts.deleteMany({ _id: { $gte: length } });
  return length;
}

export function numbersTo(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

export function contents(db: Db, name: string): Promise<Document[]> {
  return db.collection(name).find().sort({ _id: 1 }).toArray();
}

/**
 * Runs the program until each step has done a batch, and some of them more, then kills it, if it is to be killed. Resolves to
 * its exit code, null once killed.
 */
async function run(url: string, targets: readonly Target[], kill?: number): Promise<number | null> {
  const pairs = targets.map(({ name, db }) => `${db.databaseName}=${path.join(__dirname, 'steps', name)}`);
  const child = spawn(process.execPath, [...typeScript, program, url, ...pairs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  if (kill !== undefined) {
    const waiting = new Set(targets.map(({ db }) => db.databaseName));
    createInterface(child.stdout).on('line', (database) => {
      // Between two batches, or somewhere within the next one: of each kind, at another moment.
      if (waiting.delete(database) && waiting.size === 0) setTimeout(() => child.kill('SIGKILL'), (kill * 7) % 40);
    });
  } else child.stdout.resume();
  return (await ended)[0];
}
