import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { undoRestore } from '../../src/backup';
import { readUnfinished } from '../../src/history';
import { startEmbedded } from '../../src/mongod';
import { runsInCI } from '../../src/support/process-env';
import { useDatabase } from '../support/database';
import { letLeaseRunOut } from '../support/lease';
import { backupOf, fillResults, namesOfRestores, restoreInto, temporaryFolder } from './support';
import { stateOf } from './swapping';

const source = useDatabase();

describe('A server whose disk becomes full while a backup is restored', () => {
  it('has what it had before, when it runs again', async ({ skip }) => {
    const dataDir = await temporaryFolder('full-');
    const mounted = await asRoot('mount', '-t', 'tmpfs', '-o', 'size=220m,mode=777', 'tmpfs', dataDir);
    if (mounted.failed && !runsInCI(process.env)) skip(`only root can mount a small disk: ${mounted.stderr}`);
    expect(mounted.failed, mounted.stderr).toBe(false);
    onTestFinished(async () => {
      await asRoot('umount', dataDir);
    });
    // Nothing compresses it.
    for (let at = 0; at < 13; at++)
      await source.db.collection('large').insertOne({ at, bytes: randomBytes(15_000_000) });
    const { file } = await backupOf(source.name, await temporaryFolder());

    const first = await startEmbedded({ dataDir, replicaSet: false });
    onTestFinished(() => first.stop());
    const before = await withClient(first.url, async (client) => {
      const db = client.db(source.name);
      await fillResults(db, 1_000);
      await db.collection('results').createIndex({ number: 1 });
      return stateOf(db);
    });
    const options = { url: first.url, drop: true, patience: 5_000 };
    await expect(restoreInto(source.name, file, options)).rejects.toThrow(
      'The server has too little space for a restore',
    );
    await expect(restoreInto(source.name, file, { ...options, spaceCheck: false })).rejects.toThrow('Cannot restore');
    await Promise.all(first.members.map((member) => member.kill()));

    await asRoot('mount', '-o', 'remount,size=2g', dataDir);
    const second = await startEmbedded({ dataDir, replicaSet: false });
    onTestFinished(async () => {
      await Promise.all(second.members.map((member) => member.kill()));
      await second.stop();
    });
    await withClient(second.url, async (client) => {
      const db = client.db(source.name);
      expect(await stateOf(db)).toEqual(before);
      expect(await readUnfinished(db)).toBeNull();
      await letLeaseRunOut(db);
      await undoRestore({ url: second.url, database: source.name });
      expect(await namesOfRestores(db)).toEqual([]);
    });
  });
});

async function withClient<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await new MongoClient(url).connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

function asRoot(...command: [string, ...string[]]) {
  const [file, ...args] = process.getuid?.() === 0 ? command : (['sudo', '-n', ...command] as const);
  return execa(file, args, { reject: false });
}
