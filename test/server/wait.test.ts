import { connect, createServer } from 'node:net';
import { MongoClient } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { waitForServer } from '../../src/server';
import { useOwnServer } from '../support/own-server';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { startDeploy } from '../support/running-command';
import { freePort } from '../support/free-port';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';

const urlAt = (port: number, user = '') => `mongodb://${user}127.0.0.1:${port}/?directConnection=true`;

describe('Waiting for a server', () => {
  const own = useOwnServer();

  it('ends once there is one, and says once what it waits for', async () => {
    const [port, { hosts }] = [await freePort(), new ConnectionString(inject('mongodb').url)];
    const [, serverPort] = hosts[0]?.split(':') ?? [];
    const reasons: string[] = [];
    const waiting = waitForServer(urlAt(port), { seconds: 30, onWait: (reason) => reasons.push(reason) });
    await expect.poll(() => reasons, { timeout: 10_000 }).toHaveLength(1);
    const forwarder = createServer((socket) => {
      const upstream = connect({ host: '127.0.0.1', port: Number(serverPort) });
      socket.pipe(upstream).pipe(socket);
      for (const one of [socket, upstream]) one.on('error', () => socket.destroy());
    }).listen(port, '127.0.0.1');
    onTestFinished(() => {
      forwarder.close();
    });
    await waiting;
    expect(reasons).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  it('ends when the time is up, and shows no password', async () => {
    const port = await freePort();
    const error: unknown = await waitForServer(urlAt(port, 'u:secret@'), { seconds: 0.5 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'NO_SERVER' });
    expect((error as Error).message).toMatch(/^The server could not be used within 0\.5 s: .*ECONNREFUSED/);
    expect((error as Error).message).not.toContain('secret');
  });

  it('ends when it is told to', async () => {
    const waiting = waitForServer(urlAt(await freePort()), { seconds: 60, signal: AbortSignal.timeout(300) });
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('ends at once with any other error', async () => {
    await own.failPoint('failCommand', { failCommands: ['ping'], errorCode: 8000 });
    await expect(waitForServer(own.server.url, { seconds: 60 })).rejects.toMatchObject({ code: 8000 });
  });

  describe('whose users are still being made', () => {
    let server: ServerWithUsers;
    beforeAll(async () => {
      server = await startWithUsers();
    });
    afterAll(() => server.stop());

    it('ends once it lets this one in', async () => {
      const url = Object.assign(new ConnectionString(server.url), { username: 'late', password: 'secret' });
      const reasons: string[] = [];
      const waiting = waitForServer(url.toString(), { seconds: 30, onWait: (reason) => reasons.push(reason) });
      await expect.poll(() => reasons, { timeout: 10_000 }).toHaveLength(1);
      const root = await new MongoClient(server.url).connect();
      await root.db('admin').command({ createUser: 'late', pwd: 'secret', roles: [] });
      await root.close();
      await waiting;
      expect(reasons).toEqual(['it refuses the login (Authentication failed.)']);
    });
  });
});

describe('deploy --wait', () => {
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({ users: "createCollections('users')" });
  });
  afterAll(() => project.copy.remove());

  it('says what it waits for, and stops at SIGTERM', async () => {
    const run = startDeploy(project, { MONGODB_URL: urlAt(await freePort()) }, ['--wait', '60', '--json']);
    await run.says(/^waiting for the server: .*ECONNREFUSED/m);
    run.send('SIGTERM');
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'ABORTED', message: 'Stopped while waiting for the server.' },
    });
  });
});
