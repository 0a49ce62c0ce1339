import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../../src/deploy';
import { comparePoints, drift } from '../../../src/review';
import { startAuthServer, type AuthServer } from '../../support/auth-server';

const database = 'studio';
let server: AuthServer;
beforeAll(async () => {
  server = await startAuthServer();
  await deploy({ url: server.rootUrl, database });
});
afterAll(() => server.stop());

const withReader = async () => ({ url: await server.urlOf(database, ['read']), database });

describe('A user that may only read', () => {
  it('is enough to find drift', async () => {
    const target = await withReader();
    expect(await drift(target)).toMatchObject({ drift: 0, notices: 0 });
    const root = await new MongoClient(server.rootUrl).connect();
    await root.db(database).collection('users').dropIndex('email_1');
    await root.close();
    expect((await drift(target)).findings).toMatchObject([{ kind: 'index missing', place: 'index users.email_1' }]);
  });

  it('is enough to compare a point of history with the server', async () => {
    const { changes } = await comparePoints('head', 'live', { target: await withReader() });
    expect(changes).toMatchObject([{ sign: '-', place: 'index users.email_1' }]);
  });
});

describe('A user that may not even read', () => {
  it('is told which role it lacks', async () => {
    const target = { url: await server.urlOf(database, []), database };
    await expect(drift(target)).rejects.toThrow(/needs the role `read` on the database studio/);
  });
});
