import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  diskLine,
  dockerLine,
  gitLine,
  lookAtServer,
  mongoshLine,
  needsOf,
  nodeLine,
  oldestNode,
  toolsLine,
  versionLine,
  type DoctorLine,
} from '../../src/doctor';
import { ownCollections } from '../../src/schema';
import { freePort } from '../support/free-port';
import { documentOf, runSchema, serverEnvironment, type Ended } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';

const database = 'product';
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    users: "createCollections('users')",
    emails: `createIndexes('users', [${indexOn('email')}])`,
  });
});
afterAll(() => project.remove());

const linesOf = (ended: Ended) => documentOf(ended)['lines'] as DoctorLine[];
const lineNamed = (lines: readonly DoctorLine[], name: string) =>
  lines.find((line) => line.name === name) ?? expect.fail(`no line ${name}`);
const states = (lines: readonly DoctorLine[]) => Object.fromEntries(lines.map(({ name, state }) => [name, state]));

describe('schema doctor', () => {
  it('finds nothing wrong with a server that everything is tested on', async () => {
    const ended = await runSchema(project, ['doctor', '--json'], serverEnvironment(database));
    expect(ended.exitCode, ended.stderr).toBe(0);
    const lines = linesOf(ended);
    expect(states(lines)).toMatchObject({
      Node: 'ok',
      migrations: 'ok',
      server: 'ok',
      'server version': 'ok',
      topology: 'ok',
      clock: 'ok',
      privileges: 'ok',
      'backup folder': expect.any(String) as string,
    });
    expect(lineNamed(lines, 'topology').found).toMatch(/^replica set \w+/);
    expect(documentOf(ended)).toMatchObject({ problems: 0 });
  });

  it('shows each line, with its fix below it', async () => {
    const { stdout } = await runSchema(project, ['doctor', '--base', 'nonsense'], serverEnvironment(database));
    expect(stdout).toMatch(/^ok {7}Node: \d/m);
    expect(stdout).toMatch(/^warning {2}git base: .+\n(?: {9}.+\n)+/m);
    expect(stdout).toMatch(/\n0 problems, \d+ warnings?\.\n$/);
  });

  it('ends 1 for a server that is down, and still looks at everything else', async () => {
    const url = `mongodb://somebody:topsecret@127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=300`;
    const ended = await runSchema(project, ['doctor', '--json'], { MONGODB_URL: url });
    expect(ended.exitCode).toBe(1);
    expect(ended.stdout + ended.stderr).not.toMatch(/somebody|topsecret/);
    const lines = linesOf(ended);
    expect(lineNamed(lines, 'server')).toMatchObject({
      state: 'problem',
      details: [expect.stringContaining('nothing listens') as string],
      fix: expect.any(String) as string,
    });
    const names = ['Node', 'migrations', 'mongodump, mongorestore', 'mongosh', 'Docker', 'git base', 'backup folder'];
    for (const name of names) lineNamed(lines, name);
  });

  it('ends 1 when no server is named, or the environment is wrong, and still looks at everything else', async () => {
    for (const env of [{}, { MONGODB_URL: 'nonsense' }]) {
      const ended = await runSchema(project, ['doctor', '--json'], env);
      expect(ended.exitCode).toBe(1);
      expect(states(linesOf(ended))).toMatchObject({ Node: 'ok', environment: 'problem' });
      lineNamed(linesOf(ended), 'backup folder');
    }
  });

  it('tells of migrations that cannot be loaded', async () => {
    await project.write('migrations/20260201000000-broken.ts', 'export default 1;\n');
    onTestFinished(() => rm(project.path('migrations', '20260201000000-broken.ts')));
    const ended = await runSchema(project, ['doctor', '--json'], serverEnvironment(database));
    expect(ended.exitCode).toBe(1);
    expect(states(linesOf(ended))).toMatchObject({ migrations: 'problem', server: 'ok' });
  });
});

describe('The privileges of a user', () => {
  let server: ServerWithUsers;
  beforeAll(async () => {
    server = await startWithUsers();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.reset());

  const as = (url: string) => ({ MONGODB_URL: url, MONGODB_DATABASE: database });
  const ground = { database, collections: ['users'], changelog: ownCollections.changelog };
  const needs = needsOf(ground);
  const privilegesFor = (verb: string): Document[] =>
    (needs[verb] ?? []).map(({ collection, actions }) => ({ resource: { db: database, collection }, actions }));
  const lineFor = async (url: string) => {
    const ended = await runSchema(project, ['doctor', '--json'], as(url));
    expect(ended.stdout + ended.stderr).not.toContain(encodeURIComponent(server.password));
    expect(ended.stdout + ended.stderr).not.toMatch(/user_\d|root@/);
    return { ended, line: lineNamed(linesOf(ended), 'privileges') };
  };

  it('are enough for every verb when it may do everything, on a standalone server', async () => {
    const { ended, line } = await lineFor(server.url);
    expect(line).toMatchObject({ state: 'ok' });
    expect(lineNamed(linesOf(ended), 'topology')).toMatchObject({ state: 'warning' });
  });

  it('name the verbs that would be refused, and these are refused', async () => {
    const reader = await server.urlWith({ role: 'read', db: database });
    const { line } = await lineFor(reader);
    expect(line).toMatchObject({
      state: 'warning',
      found: 'this user lacks privileges for: indexes, deploy, rollback, baseline, accept, unlock --force, restore',
    });
    expect(line.details?.[0]).toBe('indexes lacks indexStats on product.users');
    expect(line.details?.[1]).toMatch(/^deploy lacks insert on product\.schema_lock, /);
    expect((await runSchema(project, ['deploy'], as(reader))).stderr).toContain('(NOT_ALLOWED)');
    for (const verb of ['status', 'history', 'plan', 'drift']) {
      expect((await runSchema(project, [verb], as(reader))).stderr).not.toContain('✖');
    }
  });

  it('are a problem when no verb could do anything', async () => {
    const nobody = await server.urlWith({ role: 'read', db: 'elsewhere' });
    expect((await lineFor(nobody)).line).toMatchObject({ state: 'problem' });
    const withoutLogin = server.url.replace(/\/\/.*@/, '//');
    expect((await lineFor(withoutLogin)).line).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('requires a login') as string,
    });
  });

  it.each([
    ['status', ['status']],
    ['plan', ['plan']],
    ['drift', ['drift']],
    ['explain', ['explain', 'user-by-email']],
    ['indexes', ['indexes']],
    ['deploy', ['deploy']],
    ['rollback', ['rollback', '--steps', '1', '--yes']],
    ['baseline', ['baseline']],
    ['unlock --force', ['unlock', '--force']],
  ])('that %s is said to need are all it needs', async (verb, args) => {
    if (verb !== 'deploy' && verb !== 'baseline') await runSchema(project, ['deploy'], as(server.url));
    const { stderr } = await runSchema(project, args, as(await server.urlFor(...privilegesFor(verb))));
    expect(stderr).not.toContain('✖');
  });
});

describe('The clock of a server', () => {
  it.each([
    [60_000, 'behind'],
    [-60_000, 'ahead of'],
  ])('is told when it is apart from this one: %i ms', async (apart, word) => {
    const target = { url: inject('mongodb').url, database };
    const { lines } = await lookAtServer(target, { collections: [], now: () => Date.now() + apart });
    expect(lineNamed(lines, 'clock')).toMatchObject({
      state: 'warning',
      found: `the server's clock is 60 s ${word} this machine's`,
    });
  });
});

describe('What is on the machine', () => {
  it('takes the Node that package.json asks for', () => {
    const { engines } = createRequire(__filename)('../../package.json') as { engines: { node: string } };
    expect(engines.node).toBe(`>=${oldestNode}`);
    expect(nodeLine('20.9.0')).toMatchObject({ state: 'problem' });
    expect(nodeLine('22.0.0')).toMatchObject({ state: 'ok' });
  });

  it('warns of another release of the server', () => {
    expect(versionLine('6.0.5')).toMatchObject({ state: 'warning' });
    expect(versionLine('7.0.28')).toMatchObject({ state: 'ok' });
  });

  it('names tools that are not there', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'doctor-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const env = { PATH: folder };
    const lines = [
      await mongoshLine(env),
      await dockerLine(env),
      await toolsLine({ env: { PATH: folder, HOME: folder } }),
    ];
    expect(lines.slice(0, 2)).toMatchObject([
      { state: 'warning', found: expect.stringContaining('not on PATH') as string },
      { state: 'warning', found: expect.stringContaining('not found') as string },
    ]);
    for (const { fix } of lines) expect(fix ?? '').toMatch(/./);
  });

  it('knows the commit of a git base, and what to do without one', async () => {
    expect(await gitLine(__dirname, 'HEAD')).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(/^HEAD is [0-9a-f]{12}$/) as string,
    });
    expect(await gitLine(tmpdir(), 'HEAD')).toMatchObject({ state: 'warning' });
  });

  it('tells how much room there is for backups, also in a folder that is to be made', async () => {
    const folder = path.join(tmpdir(), 'not', 'there', 'yet');
    expect((await diskLine(folder)).found).toContain('free');
    expect(await diskLine(folder, Number.MAX_SAFE_INTEGER)).toMatchObject({
      state: 'warning',
      fix: expect.stringMatching(/^free \d/) as string,
    });
    expect(await diskLine(path.join(__filename, 'backups'))).toMatchObject({ state: 'problem' });
  });
});
