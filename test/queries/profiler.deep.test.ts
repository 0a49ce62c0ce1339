import { MongoClient, type Db, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowByProfiler } from '../../src/queries';
import { markedSettings, newMark, readSettings } from '../../src/queries/profiler-settings';
import { useOwnServer } from '../support/own-server';
import { startSchema } from '../support/running-command';
import { documentOf, runSchema } from '../support/schema-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { appName, fillOrders, loads, runLoads, sentinel } from './load';

const own = useOwnServer();
let project: SmallProject;
let db: Db;
let env: Readonly<Record<string, string>>;
let client: MongoClient;
/** Unlike those that a server begins with. */
const former = { profile: 1, slowms: 4_321, sampleRate: 0.5, filter: { millis: { $gt: 99_999 }, ns: /nothing$/ } };
let before: Document;

beforeAll(async () => {
  ({ db, env } = own.freshDatabase());
  client = await new MongoClient(own.server.url, { appName }).connect();
  db = client.db(db.databaseName);
  project = await makeSmallProject({ orders: "createCollections('orders')" });
  await fillOrders(db);
  await db.command(former);
  before = await readSettings(db);
});
afterAll(async () => {
  await client.close();
  await project.remove();
});

const queries = (...args: string[]) => startSchema(project, env, ['queries', ...args]);
const isOpen = /^the profiler of \S+ is on at 127\.0\.0\.1:\d+ for /m;
const count = async () =>
  (await db.collection('system.profile').find({ 'command.comment': sentinel }).toArray()).length;
const options = { migrations: [], queries: [], top: 1_000, slowMs: 0 };
const target = () => ({ url: own.server.url, database: db.databaseName });

describe('A profiler that is opened for a while', () => {
  it('counts what was sent meanwhile, and puts all settings back', async () => {
    const stop = new AbortController();
    const { shapes, ...report } = await slowByProfiler(
      {
        ...options,
        seconds: 60,
        signal: stop.signal,
        onOpen: () =>
          void runLoads(db).finally(() => {
            stop.abort();
          }),
      },
      target(),
    );
    expect(await readSettings(db)).toEqual(before);
    expect(report).toMatchObject({ source: 'profiler', isWhole: true, wasDisturbed: false });
    expect(Object.fromEntries(shapes.map(({ text, count }) => [text, count]))).toEqual(
      Object.fromEntries(loads.map(({ text, times }) => [text, times])),
    );
    const sent = loads.filter(({ text }) => !/^(?:insert|find \{ at: \? \})/.test(text));
    expect(await count()).toBe(sent.reduce((sum, { times }) => sum + times, 0));
    expect(JSON.stringify(shapes)).not.toContain(sentinel);
  });

  it('writes down what takes so long, and nothing else', async () => {
    const running = queries('--for', '60s', '--slow-ms', '400', '--json');
    await running.says(isOpen);
    await db.collection('orders').find({ state: 1 }).toArray();
    await db.collection('orders').find({ $where: 'sleep(5) || true' }, { batchSize: 1_000 }).toArray();
    running.send('SIGINT');
    const document = documentOf(await running.ended);
    expect(document).toMatchObject({ entries: 1, shapes: [{ text: 'find { $where: ? }', count: 1 }] });
    expect(await readSettings(db)).toEqual(before);
  });

  it('ends when its time is over', async () => {
    const { exitCode, stdout } = await runSchema(project, ['queries', '--for', '1s'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('No query was slow during this time.');
    expect(await readSettings(db)).toEqual(before);
  });

  it('is refused to a second run, which loses nothing', async () => {
    const first = queries('--for', '60s');
    await first.says(isOpen);
    const open = await readSettings(db);
    const second = queries('--for', '1s');
    const { exitCode, stderr } = await second.ended;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3 });
    expect(stderr).toMatch(/`schema queries` is using it \(process \d+ on \S+\)/);
    expect(await readSettings(db)).toMatchObject({ level: 1, slowMs: open.slowMs });
    expect(await readSettings(db)).not.toEqual(before);
    first.send('SIGTERM');
    expect((await first.ended).exitCode).toBe(0);
    expect(await readSettings(db)).toEqual(before);
  });

  it('that was killed is put back by the next run, which says so', async () => {
    for (const next of [['--profile'], ['--for', '1s']]) {
      const running = queries('--for', '60s');
      await running.says(isOpen);
      running.send('SIGKILL');
      await running.ended;
      expect(await readSettings(db)).not.toEqual(before);
      const { exitCode, stdout } = await runSchema(project, ['queries', ...next], env);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(
        /^A run that was killed had left the profiler on at \S+\. Its former settings have been restored\.$/m,
      );
      expect(await readSettings(db)).toEqual(before);
    }
  });

  it('that ran on another machine is put back once it was not heard of for half a minute', async () => {
    const leave = async (secondsAgo: number) => {
      const mark = newMark(await readSettings(db), new Date(Date.now() - secondsAgo * 1_000));
      await db.command(markedSettings({ ...mark, space: 'another machine' }, 50));
    };
    await leave(5);
    const early = await runSchema(project, ['queries', '--profile'], env);
    expect(early.stdout).toMatch(/^Another run is using the profiler on \S+\.$/m);
    await db.command(former);
    await leave(40);
    const late = await runSchema(project, ['queries', '--profile', '--json'], env);
    expect(documentOf(late)).toMatchObject({ leftovers: [{ state: 'put back' }] });
    expect(await readSettings(db)).toEqual(before);
  });

  it('leaves alone what somebody else set meanwhile', async () => {
    const stop = new AbortController();
    const run = slowByProfiler(
      {
        ...options,
        seconds: 60,
        signal: stop.signal,
        onOpen: () =>
          void db.command({ profile: 2, filter: 'unset' }).then(() => {
            stop.abort();
          }),
      },
      target(),
    );
    expect(await run).toMatchObject({ wasDisturbed: true });
    expect(await readSettings(db)).toMatchObject({ level: 2 });
    expect(await readSettings(db)).not.toHaveProperty('filter');
    await db.command(former);
  });

  it('changes nothing where everything is written down already', async () => {
    await db.command({ profile: 2, filter: 'unset' });
    const running = queries('--for', '60s', '--json');
    await running.says(isOpen);
    expect(await readSettings(db)).toMatchObject({ level: 2 });
    running.send('SIGINT');
    expect((await running.ended).exitCode).toBe(0);
    await db.command(former);
    expect(await readSettings(db)).toEqual(before);
  });
});
