import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploy } from '../../src/deploy';
import { useDatabase } from '../support/database';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: "createCollections('users', 'visits', 'drafts')",
    indexes: `createIndexes('users', [${indexOn('email', 'unique: true')}]), createIndexes('visits', [${indexOn('at', 'expireAfterSeconds: 60')}])`,
    sessions: "createCollections('sessions')",
    ages: "backfill('users', { filter: { age: 'unknown' }, update: { $set: { age: 0 } } })",
    numbers: "addValidator('users', { age: { $type: 'number' } })",
    drafts: "dropCollection('drafts', { reason: 'nobody reads them', was: [createCollections('drafts')] })",
    teams: `createCollections('teams'), createIndexes('teams', [${indexOn('name')}])`,
  });
});
afterAll(() => project.remove());
beforeEach(() => database.db.dropDatabase());

const schema = (...args: string[]) => runSchema(project, ['plan', ...args], serverEnvironment(database.name));
const deployTo = (to?: string) =>
  deploy({ url: database.url, database: database.name, folder: project.folder, to, allowDataLoss: ['drafts'] });

/** With the first migration applied, documents that stand in the way, and one change made by hand. */
async function prepare(): Promise<void> {
  await deployTo('collections');
  const users = [1, 2, 3].map((_id) => ({ _id, email: _id === 3 ? 'once' : 'twice', age: 'unknown' }));
  await database.db.collection<{ _id: number }>('users').insertMany(users);
  await database.db.collection('visits').insertMany([{ at: new Date(0) }, { at: new Date() }, { at: 'noon' }]);
  await database.db.collection('drafts').insertOne({});
  await database.db.createCollection('sessions');
}

describe('The plan of a deploy', () => {
  it('is written for people, and ends 2 when something is pending', async () => {
    await prepare();
    const { exitCode, stdout, stderr } = await schema('--to', 'drafts');
    expect(exitCode).toBe(2);
    await expect(stdout.replaceAll(/\d+ ms|\d+\.\d s/g, 'TIME')).toMatchFileSnapshot('golden/plan.txt');
    expect(stderr).toMatch(/^mongod 7\.0\.\d+, .*\n$/);
  });

  it('is one document with --json, and nothing else is there', async () => {
    await prepare();
    const { exitCode, stdout } = await schema('--json');
    expect(exitCode).toBe(2);
    const blocked = { kind: 'duplicates', blocks: true, count: 1, samples: ['1 and 2'] };
    expect(JSON.parse(stdout)).toMatchObject({
      server: { database: database.name },
      left: [],
      pending: [
        { changes: [{ verdict: 'pending', findings: [{ kind: 'index build' }, blocked] }, {}] },
        { changes: [{ verdict: 'already' }] },
        {
          changes: [],
          dataSteps: [
            {
              what: 'backfill users',
              matches: 3,
              update: { collection: 'users', filter: { age: 'unknown' }, update: { $set: { age: 0 } } },
            },
          ],
        },
        { changes: [{ isCheckedLater: true }] },
        { changes: [{ findings: [{ kind: 'documents to lose', count: 1 }] }] },
        { changes: [{ verdict: 'pending', findings: [] }, {}] },
      ],
      before: { collections: 3, indexes: 0 },
      after: { collections: 4, indexes: 3, validators: 1 },
      lint: { judged: project.names.slice(1) },
    });
  });

  it('ends 0 when nothing is', async () => {
    await deployTo();
    expect(await schema()).toMatchObject({ exitCode: 0, stdout: 'Nothing is pending.\n' });
    const { exitCode, stdout } = await schema('--json');
    expect({ exitCode, pending: (JSON.parse(stdout) as { pending: unknown }).pending }).toEqual({
      exitCode: 0,
      pending: [],
    });
  });

  it('ends 4 on a broken history', async () => {
    await deployTo('collections');
    const [first = ''] = project.names;
    const file = `migrations/${first}`;
    const text = await readFile(project.path(file), 'utf8');
    await project.write(file, `${text}// A word more.\n`);
    const [forPeople, document] = [await schema(), await schema('--json')];
    await project.write(file, text);
    expect(forPeople).toMatchObject({ exitCode: 4, stdout: '', stderr: expect.stringContaining(first) as string });
    expect(document.exitCode).toBe(4);
    expect(JSON.parse(document.stdout)).toMatchObject({ error: { code: 'HISTORY' } });
  });

  it('ends 1 where something else is in the place of a change, and 64 without a server', async () => {
    await deployTo('collections');
    await database.db.collection('users').createIndex({ email: -1 }, { name: 'email_1' }, {});
    expect(await schema()).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await runSchema(project, ['plan'])).toMatchObject({ exitCode: 64, stdout: '' });
  });
});
