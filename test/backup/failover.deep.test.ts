import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resumeRestore } from '../../src/backup';
import { deploy, status } from '../../src/deploy';
import { checkHealth } from '../../src/health';
import { readUnfinished } from '../../src/history';
import { useOwnServer } from '../support/own-server';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { backupOf, hashOf, namesOfRestores, restoreInto, temporaryFolder } from './support';

const server = useOwnServer(3);
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({ results: `createCollections('results', 'users', 'projects')` });
});
afterAll(() => project.remove());

/** Milliseconds after the exchange began, which takes some dozens of them. */
const ways = [
  { way: 'steps down', after: 0 },
  { way: 'steps down', after: 60 },
  { way: 'is killed', after: 30 },
] as const;

describe('A restore whose primary goes away', () => {
  it.each(ways)(
    'which $way $after ms after the exchange began, ends whole, and everyone says so',
    async ({ way, after }) => {
      const { db } = server.freshDatabase();
      const { databaseName: name } = db;
      const target = { url: server.server.url, database: name, folder: project.folder };
      await deploy(target);
      for (const collection of ['results', 'users', 'projects']) {
        await db.collection(collection).insertMany(Array.from({ length: 200 }, (_, at) => ({ at })));
      }
      const { file } = await backupOf(name, await temporaryFolder(), { url: target.url });
      const restored = await hashOf(db);
      for (const collection of ['results', 'users', 'projects']) await db.collection(collection).deleteMany({ at: 7 });
      await db.collection('others').insertOne({});
      const before = await hashOf(db);
      const going: Promise<unknown>[] = [];
      const error: unknown = await restoreInto(name, file, {
        url: target.url,
        drop: true,
        leaseSeconds: 30,
        migrations: project.folder,
        onEvent: (event) => {
          if (event.type !== 'step' || !event.message.startsWith('exchanging')) return;
          going.push(sleep(after).then(way === 'steps down' ? stepDown : killPrimary));
        },
      }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      await Promise.all(going);
      expect(going).toHaveLength(1);
      const unfinished = await readUnfinished(db);
      if (unfinished) {
        expect((await status(target)).unfinishedRestore).toBeDefined();
        await resumeRestore({ ...target, migrations: project.folder, lockTimeout: 60_000 });
      }
      const now = await hashOf(db);
      expect([before, restored], String(error)).toContainEqual(now);
      if (error === undefined) expect(now).toEqual(restored);
      expect(await readUnfinished(db)).toBeNull();
      expect(await namesOfRestores(db)).toEqual([]);
      const last = await status(target);
      expect(last.unfinishedRestore).toBeUndefined();
      expect(last.migrations.map(({ state }) => state)).toEqual(['applied']);
      expect((await deploy(target)).applied).toEqual([]);
      expect((await checkHealth(db)).reasons.filter((reason) => reason.includes('restore'))).toEqual([]);
    },
  );
});

async function stepDown(): Promise<void> {
  await server.client
    .db('admin')
    .command({ replSetStepDown: 5, force: true })
    .catch(() => undefined);
}

async function killPrimary(): Promise<void> {
  const { primary } = await server.client.db('admin').command({ hello: 1 });
  const port = Number(String(primary).split(':').at(-1));
  const member = server.server.members.find((one) => one.port === port);
  if (!member) expect.fail(`no member is ${String(primary)}`);
  await member.kill();
}
