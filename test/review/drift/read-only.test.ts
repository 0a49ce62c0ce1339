import { MongoClient } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../../src/deploy';
import { comparePoints, drift } from '../../../src/review';
import { fixture } from '../../support/fixture';
import { startWithUsers, type ServerWithUsers } from '../../support/server-with-users';
import { errorWith } from '../../support/error-with';

const database = 'studio';
const { folder } = fixture;
let server: ServerWithUsers;
let root: MongoClient;
let users = 0;
beforeAll(async () => {
  server = await startWithUsers();
  root = await new MongoClient(server.url).connect();
  await deploy({ url: server.url, database, folder });
});
afterAll(async () => {
  await root.close();
  await server.stop();
});

/** The database, as somebody with these roles on it sees it. */
async function seenWith(roles: readonly string[]) {
  const url = new ConnectionString(server.url);
  Object.assign(url, { username: `reader${++users}`, password: 'secret' });
  url.searchParams.set('authSource', database);
  await root.db(database).command({ createUser: url.username, pwd: url.password, roles });
  return { url: url.toString(), database, folder };
}

describe('A user that may only read', () => {
  it('is enough to find drift', async () => {
    const target = await seenWith(['read']);
    expect(await drift(target)).toMatchObject({ drift: 0, notices: 0 });
    await root.db(database).collection('users').dropIndex('email_1');
    expect((await drift(target)).findings).toMatchObject([{ kind: 'index missing', place: 'index users.email_1' }]);
  });

  it('is enough to compare a point of history with the server', async () => {
    const { changes } = await comparePoints('head', 'live', { folder, target: await seenWith(['read']) });
    expect(changes).toMatchObject([{ sign: '-', place: 'index users.email_1' }]);
  });
});

describe('A user that may not even read', () => {
  it('is told which role it lacks', async () => {
    await expect(drift(await seenWith([]))).rejects.toThrow(
      errorWith({ code: 'NOT_ALLOWED', fix: 'grant the role `read` on studio' }),
    );
  });
});
