import { MongoClient } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitForServer } from '../../src/mongod';
import { openForwarder } from '../support/forwarder';
import { freePort } from '../support/free-port';
import { startDeploy } from '../support/running-command';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { MongoUrl } from '../../src/support/mongo-url';

const urlAt = (port: number, user = '') => new MongoUrl(`mongodb://${user}127.0.0.1:${port}/?directConnection=true`);

describe('Waiting for a server', () => {
  it('ends once there is one, and says once what it waits for', async () => {
    const port = await freePort();
    const reasons: string[] = [];
    const waiting = waitForServer(urlAt(port), { seconds: 30, onWait: (reason) => reasons.push(reason) });
    await expect.poll(() => reasons, { timeout: 10_000 }).toHaveLength(1);
    await openForwarder(port);
    await waiting;
    expect(reasons).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  it('ends when the time is up, and shows no password', async () => {
    const port = await freePort();
    const error: unknown = await waitForServer(urlAt(port, 'u:secret@'), { seconds: 0.5 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: 'NO_SERVER',
      summary: 'The server did not become usable within 0.5 s',
      why: [expect.stringContaining('ECONNREFUSED')],
    });
    expect((error as Error).message).not.toContain('secret');
  });

  it('ends when it is told to', async () => {
    const waiting = waitForServer(urlAt(await freePort()), { seconds: 60, signal: AbortSignal.timeout(300) });
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  });

  describe('that has users', () => {
    let server: ServerWithUsers;
    beforeAll(async () => {
      server = await startWithUsers();
    });
    afterAll(() => server.stop());

    it('ends at once with an error that no waiting mends', async () => {
      const url = new ConnectionString(server.url);
      url.searchParams.set('authMechanism', 'PLAIN');
      url.searchParams.set('authSource', '$external');
      const reasons: string[] = [];
      const waiting = waitForServer(new MongoUrl(url.toString()), {
        seconds: 60,
        onWait: (reason) => reasons.push(reason),
      });
      await expect(waiting).rejects.toMatchObject({ codeName: 'MechanismUnavailable' });
      expect(reasons).toEqual([]);
    });

    it('ends once this user is made and may sign in', async () => {
      const url = Object.assign(new ConnectionString(server.url), { username: 'late', password: 'secret' });
      const reasons: string[] = [];
      const waiting = waitForServer(new MongoUrl(url.toString()), {
        seconds: 30,
        onWait: (reason) => reasons.push(reason),
      });
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
  afterAll(() => project.remove());

  it('says what it waits for, and stops at SIGTERM', async () => {
    const run = startDeploy(project, { MONGODB_URL: urlAt(await freePort()).reveal() }, ['--wait', '60', '--json']);
    await run.says(/^waiting for the server: .*ECONNREFUSED/m);
    run.send('SIGTERM');
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ABORTED' } });
    expect(stdout).toContain('Stopped while waiting for the server');
  });
});
