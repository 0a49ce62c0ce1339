import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { useDatabase } from '../support/database';
import { makeRepository } from '../support/git-repository';
import { runSchema, serverEnvironment, type Ended } from '../support/schema-command';
import { indexOn, makeSmallProject, migrationText, type SmallProject } from '../support/small-project';

const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

const validatorOn = (field: string) =>
  `addValidator('users', { $jsonSchema: { bsonType: 'object', properties: { ${field}: { bsonType: 'string' } } } })`;

/** A project whose last migration is worked on; all of them are applied. */
async function project(steps: string): Promise<SmallProject> {
  const made = await makeSmallProject({ users: "createCollections('users')", work: steps });
  onTestFinished(() => made.remove());
  expect(await schema(made, 'deploy')).toMatchObject({ exitCode: 0 });
  return made;
}

const schema = (made: SmallProject, ...args: string[]): Promise<Ended> =>
  runSchema(made, args, serverEnvironment(database.name));

/** What is written about the migration that is worked on. */
async function edit(made: SmallProject, steps: string): Promise<string> {
  const name = made.names.at(-1) ?? '';
  await made.write(`migrations/${name}`, migrationText(steps));
  return name;
}

/** The database is where the migrations lead to, and the history is whole. */
async function expectInOrder(made: SmallProject): Promise<void> {
  expect(await schema(made, 'deploy')).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await schema(made, 'drift');
  expect(exitCode, stdout).toBe(0);
}

const indexNames = async () => (await database.db.collection('users').indexes()).map(({ name }) => name).sort();

describe('schema redo', () => {
  it('takes the newest migration down and up', async () => {
    const made = await project(`createIndexes('users', [${indexOn('email')}])`);
    const { exitCode, stdout } = await schema(made, 'redo');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining('rolled back and applied again.') as string,
    });
    await expectInOrder(made);
  });

  it('is what a deploy suggests for an edited one, undoes what was applied and applies what is written now', async () => {
    const made = await project(
      `createIndexes('users', [${indexOn('email')}, ${indexOn('name')}]), ${validatorOn('email')}`,
    );
    const name = await edit(
      made,
      `createIndexes('users', [${indexOn('name', 'sparse: true')}]), createCollections('notes')`,
    );
    const refused = await schema(made, 'deploy');
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain(`roll it back and apply it again: \`redo --migration ${name}\``);

    expect(await schema(made, 'redo', '--migration', name)).toMatchObject({ exitCode: 0 });
    expect(await indexNames()).toEqual(['_id_', 'name_1']);
    const [{ options } = { options: {} }] = await database.db
      .listCollections({ name: 'users' }, { nameOnly: false })
      .toArray();
    expect(options).not.toHaveProperty('validator');
    await expectInOrder(made);
  });

  it.each([
    ['a collection', "createCollections('notes')", "createCollections('letters')"],
    [
      'reference documents',
      "insertDocuments('users', [{ _id: 'a', n: 1 }])",
      "insertDocuments('users', [{ _id: 'a', n: 2 }])",
    ],
    [
      'a view',
      "createView('names', { on: 'users', pipeline: [{ $project: { name: 1 } }] })",
      "createView('names', { on: 'users', pipeline: [{ $project: { email: 1 } }] })",
    ],
    [
      'a unique index',
      `createIndexes('users', [${indexOn('email', 'unique: true')}])`,
      `createIndexes('users', [${indexOn('email')}])`,
    ],
  ])('redoes %s that was edited', async (_what, before, after) => {
    const made = await project(before);
    await edit(made, after);
    expect(await schema(made, 'redo')).toMatchObject({ exitCode: 0 });
    await expectInOrder(made);
  });

  it('undoes what a backfill wrote by the undo of the file', async () => {
    const backfill = (value: string) =>
      `backfill('users', { filter: { plan: { $exists: false } }, update: { $set: { plan: '${value}' } }, undo: { filter: { plan: { $exists: true } }, update: { $unset: { plan: '' } } } })`;
    await database.db.collection<{ name: string }>('users').insertOne({ name: 'Ann' });
    const made = await makeSmallProject({ users: "createCollections('users')", work: backfill('free') });
    onTestFinished(() => made.remove());
    expect(await schema(made, 'deploy', '--adopt')).toMatchObject({ exitCode: 0 });
    const name = await edit(made, backfill('paid'));
    expect((await schema(made, 'redo')).stderr).toContain(`redo --allow-data-loss ${name}`);
    expect(await schema(made, 'redo', '--allow-data-loss', name)).toMatchObject({ exitCode: 0 });
    expect(await database.db.collection('users').findOne({ name: 'Ann' })).toMatchObject({ plan: 'paid' });
  });

  it('drops no collection with documents unless it is named', async () => {
    const made = await project("createCollections('notes')");
    await database.db.collection<{ text: string }>('notes').insertOne({ text: 'keep me' });
    const name = await edit(made, "createCollections('notes', 'letters')");
    const refused = await schema(made, 'redo');
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain(`\`redo --allow-data-loss ${name}\``);
    expect(await database.db.collection('notes').countDocuments()).toBe(1);
    expect(await schema(made, 'redo', '--allow-data-loss', name)).toMatchObject({ exitCode: 0 });
    await expectInOrder(made);
  });

  it('finishes one whose way down was cut off', async () => {
    const made = await project(`createIndexes('users', [${indexOn('email')}, ${indexOn('name')}])`);
    await edit(made, `createIndexes('users', [${indexOn('name')}])`);
    const events = database.db.collection('schema_history');
    const [{ _id, ...last } = {}] = await events.find().sort({ token: -1, sequence: -1 }).limit(1).toArray();
    await events.insertOne({
      ...last,
      type: 'started',
      direction: 'down',
      attempt: 'cut off',
      token: 1_000,
      sequence: 1,
    });
    await database.db.collection('users').dropIndex('name_1');
    expect((await schema(made, 'deploy')).stderr).toContain('is half rolled back');
    expect(await schema(made, 'redo')).toMatchObject({ exitCode: 0 });
    expect(await indexNames()).toEqual(['_id_', 'name_1']);
    await expectInOrder(made);
  });

  describe('takes back one that failed halfway,', () => {
    /** An index, and then a step that fails until somebody lets it go on. */
    const halfway = (undo = "'nothing to undo'") =>
      `createIndexes('users', [${indexOn('email')}]), run('it waits for a user', {
        isDone: async (db) => (await db.collection('users').countDocuments()) > 0,
        run: async () => { throw new Error('there is no user'); },
        undo: ${undo},
      })`;
    const failed = async (steps: string) => {
      const made = await makeSmallProject({ users: "createCollections('users')", work: steps });
      onTestFinished(() => made.remove());
      expect(await schema(made, 'deploy')).toMatchObject({ exitCode: 1 });
      expect(await indexNames()).toEqual(['_id_', 'email_1']);
      return made;
    };
    const letGoOn = () => database.db.collection<{ name: string }>('users').insertOne({ name: 'Ann' });

    it('and applies it, once what stood in its way is gone', async () => {
      const made = await failed(halfway());
      const still = await schema(made, 'redo');
      expect(still.exitCode).toBe(1);
      expect(still.stderr).toContain('there is no user');
      await letGoOn();
      const done = await schema(made, 'redo');
      expect(done.exitCode, done.stderr).toBe(0);
      expect(done.stdout).toContain('what it had done was taken back, and it is applied');
      expect(await indexNames()).toEqual(['_id_', 'email_1']);
      await expectInOrder(made);
    });

    it('unless its text is another one by now: then it says what to do', async () => {
      const made = await failed(halfway());
      const name = await edit(made, `createIndexes('users', [${indexOn('name')}])`);
      const refused = await schema(made, 'redo');
      expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
      expect(refused.stderr).toContain(`${name} was edited after it failed halfway, so nothing was changed`);
      expect(refused.stderr).toContain('restore the text of the attempt, and run `redo` again');
      expect(await indexNames()).toEqual(['_id_', 'email_1']);
    });

    it('unless a step cannot be undone: then it says what to do', async () => {
      const made = await failed(halfway("irreversible('values are gone')"));
      const refused = await schema(made, 'redo');
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
      expect(refused.stderr).toContain('failed halfway, and cannot be undone, so nothing was changed');
      expect(refused.stderr).toContain('run `deploy` again');
    });
  });

  it('refuses one that is merged, and finds none where all are', async () => {
    const made = await project(`createIndexes('users', [${indexOn('email')}])`);
    const [, name = ''] = made.names;
    await makeRepository(made.path());
    const named = await schema(made, 'redo', '--migration', name);
    expect(named).toMatchObject({ exitCode: 64, stdout: '' });
    expect(named.stderr).toContain(`${name} is merged, so nothing was changed`);
    const { exitCode, stderr } = await schema(made, 'redo');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('every migration is merged');
    expect(await indexNames()).toEqual(['_id_', 'email_1']);
  });

  it('says what is not applied yet', async () => {
    const made = await makeSmallProject({ users: "createCollections('users')" });
    onTestFinished(() => made.remove());
    const { exitCode, stderr } = await schema(made, 'redo');
    expect(exitCode).toBe(64);
    expect(stderr).toContain(`not applied yet: ${made.names.join()}`);
  });
});
