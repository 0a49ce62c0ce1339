import { readdirSync } from 'node:fs';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../src/deploy';
import { startEmbedded, type RunningServer } from '../../src/mongod';
import { errorWith } from '../support/error-with';
import { TEST_ARGS } from '../support/server';
import { contents, kinds, numbersTo } from './killed-steps';

describe('On a server without transactions', () => {
  let server: RunningServer;
  let client: MongoClient;
  beforeAll(async () => {
    server = await startEmbedded({ replicaSet: false, args: TEST_ARGS });
    client = await new MongoClient(server.url).connect();
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  const documents = 40;
  const deployOf = async (database: string, kind: string) => {
    const folder = path.join(__dirname, 'steps', kind);
    await deploy({
      url: server.url,
      database,
      folder,
      adopt: true,
      commit: 'a test',
      allowDataLoss: readdirSync(folder),
    });
  };

  it.each(['backfill', 'rename-field', 'drop-field', 'remove-duplicates', 'plain'] as const)(
    'a step of the kind %s treats each document as it has to',
    async (kind) => {
      const { before, after } = kinds[kind];
      const db = client.db(`standalone_${kind}`);
      await db.collection<{ _id: number }>('posts').insertMany(numbersTo(documents).map(before));
      await deployOf(db.databaseName, kind);
      expect(await contents(db, 'posts')).toEqual(numbersTo(documents).flatMap((id) => after(id) ?? []));
    },
  );

  it('a removal of duplicates keeps what it removes', async () => {
    const db = client.db('standalone_remove-duplicates');
    const all = [...(await contents(db, 'posts')), ...(await contents(db, 'removed_posts'))];
    const ids = all.map(({ _id }) => _id as number).toSorted((one, other) => one - other);
    expect(ids).toEqual(numbersTo(documents));
  });

  it('an update that can only be made once is refused, and nothing is changed', async () => {
    const db = client.db('standalone_once');
    await db.collection<{ _id: number }>('posts').insertMany(numbersTo(documents).map(kinds.once.before));
    await expect(deployOf(db.databaseName, 'once')).rejects.toThrow(
      errorWith({ code: 'PREFLIGHT', why: 'which a standalone server does not have' }),
    );
    expect(await contents(db, 'posts')).toEqual(numbersTo(documents).map(kinds.once.before));
  });
});
