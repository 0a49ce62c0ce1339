import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { backup, restore } from '../../src/backup';
import { deploy } from '../../src/deploy';
import { drift } from '../../src/review';
import { findMongosh, findTools } from './tools';
import { startWithRoles, type ServerWithRoles, type UserName } from './users';

const database = 'studio';
const authenticationFailed = 18;
const mongosh = findMongosh();
const tools = findTools();

describe.skipIf(mongosh === undefined)('The users that docker/mongo-init.js makes', () => {
  let server: ServerWithRoles;
  const as = (user: UserName) => ({ url: server.urlOf(user), database });
  beforeAll(async () => {
    server = await startWithRoles(mongosh ?? '', database);
    expect(await server.init()).toMatchObject({ exitCode: 0, stderr: '' });
    await deploy(as('migrator'));
  });
  afterAll(() => server.stop());

  it.skipIf(tools === undefined)(
    'are not needed for a restore where the built-in roles readWrite and dbAdmin are granted on the database',
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'roles-built-in-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const { file } = await backup({ ...as('backup'), folder });
      await server.root.command({ createUser: 'built_in', pwd: 'x', roles: ['readWrite', 'dbAdmin'] });
      onTestFinished(async () => {
        await server.root.command({ dropUser: 'built_in' });
      });
      const url = new ConnectionString(server.urlOf('restore'));
      [url.username, url.password] = ['built_in', 'x'];
      const yes = () => Promise.resolve(true);
      await restore({ url: url.toString(), database, file, drop: true, confirm: yes });
      expect(await drift(as('monitor'))).toMatchObject({ drift: 0 });
    },
  );

  it('are the same after another run, which also puts back what somebody granted, and changes passwords', async () => {
    const before = await server.rolesAndUsers();
    await server.root.command({
      grantPrivilegesToRole: 'application',
      privileges: [{ resource: { db: database, collection: '' }, actions: ['dropCollection'] }],
    });
    await server.root.command({ grantRolesToUser: 'backup', roles: ['restore'] });
    expect(await server.rolesAndUsers()).not.toEqual(before);
    expect(await server.init({ application: 'another' })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await server.rolesAndUsers()).toEqual(before);

    const logIn = async (url: string) => {
      const client = new MongoClient(url);
      await client.connect().finally(() => client.close());
    };
    await logIn(server.urlOf('application', 'another'));
    await expect(logIn(server.urlOf('application'))).rejects.toMatchObject({ code: authenticationFailed });
  });

  it('are left alone when a password is missing: every one that is gets named', async () => {
    const before = await server.rolesAndUsers();
    const { exitCode, stderr } = await server.init({ migrator: '', backup: '' });
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(
      /Nothing was changed\.\n {2}MIGRATOR_PASSWORD_FILE names an empty file: .*\n {2}BACKUP_PASS/,
    );
    expect(await server.rolesAndUsers()).toEqual(before);
  });
});
