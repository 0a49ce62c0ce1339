import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowInLog, slowInProfile } from '../../src/queries';
import { useOwnServer } from '../support/own-server';
import { documentOf, runSchema } from '../support/schema-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { appName, fillOrders, loads, runLoads, sentinel } from './load';

const own = useOwnServer();
let folder = '';
let file = '';
let lines: readonly string[];
let db: Db;
let project: SmallProject;
const options = { migrations: [], queries: [], top: 1_000, slowMs: 0 };
const inLog = (from: string, stdin: NodeJS.ReadableStream = Readable.from([])) =>
  slowInLog({ file: from, stdin, database: db.databaseName }, options);
const counts = ({ shapes }: Awaited<ReturnType<typeof inLog>>) =>
  Object.fromEntries(shapes.map(({ text, count }) => [text, count]));

beforeAll(async () => {
  const client = await new MongoClient(own.server.url, { appName }).connect();
  db = client.db(own.freshDatabase().db.databaseName);
  project = await makeSmallProject({ orders: "createCollections('orders')" });
  folder = await mkdtemp(path.join(tmpdir(), 'slow-log-'));
  file = path.join(folder, 'mongod.log');
  await fillOrders(db);
  await db.collection('orders').createIndex({ at: 1 });
  await db.command({ profile: 2, slowms: 0 });
  await runLoads(db);
  await db
    .collection('orders')
    .find({ customer: { $in: Array.from({ length: 8_000 }, (_, at) => `${sentinel}${at}`) } })
    .toArray();
  await db.command({ profile: 0, slowms: 100 });
  // What mongod has written, line by line.
  const { log } = await client.db('admin').command({ getLog: 'global' });
  lines = (log as string[]).map((line) => line.trimEnd());
  await writeFile(file, `${lines.join('\n')}\n`);
  await client.close();
}, 120_000);
afterAll(async () => {
  await project.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('What a log of mongod tells of slow queries', () => {
  const cut = { 'find { customer: { $in: […] } } … (truncated by the server)': 1 };

  it('is what was sent, and what the profile tells', async () => {
    const { shapes, ...report } = await inLog(file);
    const counted = Object.fromEntries(shapes.map(({ text, count }) => [text, count]));
    delete counted['createIndexes'];
    // What filled the collection was slow by itself.
    const { insert: inserts = 0, ...others } = counted;
    const { insert: sent = 0, ...expected } = Object.fromEntries(loads.map(({ text, times }) => [text, times]));
    expect(others).toEqual({ ...expected, ...cut });
    expect(inserts).toBeGreaterThanOrEqual(sent);
    expect(report).toMatchObject({
      source: 'log',
      log: { lines: lines.length, damaged: 0, foreign: 0, endsEarly: false },
    });
    const { shapes: inProfile } = await slowInProfile({ url: own.server.url, database: db.databaseName }, options);
    for (const { text, milliseconds, examined, returned, plans } of inProfile) {
      const same = shapes.find((shape) => shape.text === text);
      if (/^(?:insert|find$)|truncated|^find \(/.test(text)) continue;
      if (same)
        expect({ text, milliseconds, examined, returned, plans }).toEqual({
          text,
          milliseconds: same.milliseconds,
          examined: same.examined,
          returned: same.returned,
          plans: same.plans,
        });
    }
  });

  it('shows no value, and takes no server', async () => {
    expect(lines.join('\n')).toContain(sentinel);
    const env = { MONGODB_DATABASE: db.databaseName };
    const shown = await runSchema(project, ['queries', '--log', file, '--top', '100'], env);
    const json = await runSchema(project, ['queries', '--log', file, '--json'], env);
    for (const { exitCode, stdout, stderr } of [shown, json]) {
      expect(exitCode).toBe(0);
      expect(stdout + stderr).not.toContain(sentinel);
    }
    expect(documentOf(json)).toMatchObject({ source: 'log', indexesOf: 'migrations', database: db.databaseName });
    expect(shown.stdout).toContain("createIndexes('orders', [");
  });

  it('is read from stdin, and compressed, as well', async () => {
    const whole = counts(await inLog(file));
    const text = `${lines.join('\n')}\n`;
    // In parts that end anywhere.
    const parts = Array.from({ length: Math.ceil(text.length / 1_000) }, (_, at) =>
      text.slice(at * 1_000, at * 1_000 + 1_000),
    );
    expect(counts(await inLog('-', Readable.from(parts)))).toEqual(whole);
    await writeFile(`${file}.gz`, gzipSync(text));
    expect(counts(await inLog(`${file}.gz`))).toEqual(whole);
    await writeFile(`${file}.cut.gz`, gzipSync(text).subarray(0, 3_000));
    expect(await inLog(`${file}.cut.gz`)).toMatchObject({ log: { endsEarly: true } });
  });

  it('counts lines that are damaged or of others, and goes on', async () => {
    const slow = lines.find((line) => line.includes('"id":51803')) ?? '';
    const odd = path.join(folder, 'odd.log');
    const whole = await inLog(file);
    await writeFile(odd, `2026-01-01 an old line of text\n\u0000\u0001\n${slow.slice(0, -20)}\n{"id":51803}\n`);
    await appendFile(odd, `mongodb-1  | ${lines.join('\nmongodb-1  | ')}\n${slow.slice(0, 300)}`);
    const report = await inLog(odd);
    expect(report).toMatchObject({ log: { lines: lines.length + 5, damaged: 3, foreign: 2 } });
    expect(counts(report)).toEqual(counts(whole));
    const { stdout } = await runSchema(project, ['queries', '--log', odd], { MONGODB_DATABASE: db.databaseName });
    expect(stdout).toContain(
      `Of ${lines.length + 5} lines, 3 about slow queries cannot be read, and 2 were not written by mongod.`,
    );
  });

  it('ends 64 for a file that is not there, and for two sources', async () => {
    const { exitCode, stderr } = await runSchema(project, ['queries', '--log', path.join(folder, 'none')], {});
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/^✖ Cannot read .*none \(USAGE\)$/m);
    expect((await runSchema(project, ['queries', '--log', file, '--for', '1s'], {})).exitCode).toBe(64);
  });
});
