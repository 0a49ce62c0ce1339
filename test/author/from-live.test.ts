import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseline, deploy } from '../../src/deploy';
import { drift } from '../../src/review';
import { makeByHand } from '../support/by-hand';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

const database = useDatabase();
let project: SmallProject;
beforeEach(() => database.db.dropDatabase());
afterEach(() => project.remove());

const schema = (...args: string[]) => runSchema(project, args, serverEnvironment(database.name));
const target = () => ({ url: database.url, database: database.name, folder: project.folder });

interface Made {
  readonly migrations: readonly string[];
  readonly left: readonly string[];
}

async function keep(): Promise<Made> {
  const ended = await schema('new', 'keep', '--from-live', '--json');
  expect(ended).toMatchObject({ exitCode: 0 });
  return documentOf(ended) as unknown as Made;
}

describe('schema new --from-live', () => {
  beforeEach(async () => {
    project = await makeSmallProject({
      users: `createCollections('users'), createIndexes('users', [${indexOn('email')}, ${indexOn('at', 'expireAfterSeconds: 60')}])`,
      names: "addValidator('users', { name: { $type: 'string' } })",
    });
    await deploy(target());
  });

  it('keeps what somebody made and changed by hand: a deploy finds it there, and drift finds nothing', async () => {
    const { db } = database;
    await db.createCollection('events', { capped: true, size: 4096 });
    await db.createCollection('notes', {
      validator: { $jsonSchema: { required: ['text'] } },
      validationLevel: 'moderate',
    });
    await db.collection('notes').createIndex({ text: 'text', title: 'text' }, { weights: { title: 5 } }, {});
    await db.collection('notes').createIndex({ 'by.name': 1 }, { partialFilterExpression: { open: true } }, {});
    await db.createCollection('short_notes', { viewOn: 'notes', pipeline: [{ $match: { "it's": 'short' } }] });
    await db.command({ collMod: 'users', index: { name: 'at_1', expireAfterSeconds: 90 } });
    await db.command({ collMod: 'users', index: { name: 'email_1', hidden: true } });
    await db.command({ collMod: 'users', validator: { name: { $type: ['string', 'null'] } } });
    expect((await drift(target())).drift).toBeGreaterThan(0);

    const { migrations, left } = await keep();
    expect(left).toEqual([]);
    expect(migrations).toHaveLength(1);
    expect((await schema('snapshot')).exitCode).toBe(0);
    const { applied } = await deploy({ ...target(), strict: true });
    expect(applied.flatMap(({ changes }) => changes.map(({ outcome }) => outcome))).toEqual(Array(9).fill('already'));
    expect((await drift(target())).findings).toEqual([]);
  });

  it('leaves out what no verb writes, and says why', async () => {
    const { db } = database;
    await db.createCollection('notes', { validator: { at: { $gt: new Date(0) } } });
    await db.collection('users').dropIndex('email_1');
    await db.collection('users').createIndex({ email: -1 }, { name: 'email_1' }, {});
    const { left } = await keep();
    expect(left).toEqual([
      'validator of notes: it contains values of BSON types: write this step by hand',
      'index users.email_1: an index cannot be changed: drop it in one migration and create it in the next',
    ]);
  });

  it('writes nothing where there is nothing more, where another purpose is given, and without a server', async () => {
    await database.db.collection('users').dropIndex('email_1');
    expect(await schema('new', 'keep', '--from-live')).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('The migrations already make everything in the database') as string,
    });
    expect(await schema('new', 'keep', '--from-live', '--backfill', 'users')).toMatchObject({ exitCode: 64 });
    expect(await runSchema(project, ['new', 'keep', '--from-live'])).toMatchObject({ exitCode: 64 });
    expect(project.names).toHaveLength(2);
  });
});

it('schema new --from-live begins a project with the whole of a database that was made by hand', async () => {
  project = await makeSmallProject({});
  for (const change of fixture.migrations.flatMap(({ changes }) => changes)) await makeByHand(database.db, change);
  const { left } = await keep();
  expect(left).toEqual([]);
  expect(await baseline(target())).toMatchObject({ marked: [expect.stringMatching(/-keep\.ts$/)], extras: [] });
  expect((await deploy({ ...target(), strict: true })).applied).toEqual([]);
});
