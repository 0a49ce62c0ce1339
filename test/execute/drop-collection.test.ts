import { beforeEach, describe, expect, it } from 'vitest';
import { createCollections, migration } from '../../src/migration';
import { runMigration } from '../../src/execute';
import { encodeClosed, placeholderValidation, validationOf } from '../../src/schema';
import { readSchema } from '../../src/database';
import { useDatabase } from '../support/database';
import { sessionOn } from '../support/migrations';

const database = useDatabase();
const users = migration('20260101000000-users.ts', createCollections('users'));
const validator = { $jsonSchema: { required: ['email'] } };

beforeEach(async () => {
  await database.db.dropDatabase();
  await runMigration(await sessionOn(database.db), users, 'up');
  await database.db.command({ collMod: 'users', validator, validationLevel: 'moderate', validationAction: 'warn' });
});

const down = async (allowDataLoss = false) =>
  runMigration(await sessionOn(database.db, { allowDataLoss }), users, 'down');

async function optionsOfUsers() {
  const [info] = await database.db.listCollections({ name: 'users' }, { nameOnly: false }).toArray();
  return info?.options;
}

async function names() {
  return (await database.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
}

describe('Dropping a collection that holds documents', () => {
  beforeEach(() => database.db.collection('users').insertMany([{ email: 'a' }, { email: 'b' }]));

  it('is refused with their number, and leaves the collection as it was', async () => {
    await expect(down()).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining('holds 2 documents') as string,
    });
    expect(await optionsOfUsers()).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
    await database.db.collection('users').insertOne({ email: 'c' });
    expect(await database.db.collection('users').countDocuments()).toBe(3);
  });

  it('is done when the run may lose them', async () => {
    await down(true);
    expect(await optionsOfUsers()).toBeUndefined();
  });
});

describe('Dropping an empty collection, while somebody writes to it,', () => {
  /** Goes down, and inserts a document right before one of the commands that write. */
  async function downWithInsertBefore(command: number) {
    let [commands, inserted] = [0, 0];
    const guard = async () => {
      if (++commands !== command) return;
      const refused = (error: unknown) => (error as { code?: unknown }).code === 121;
      await database.db
        .collection('users')
        .insertOne({ email: 'a' })
        .then(
          () => inserted++,
          (error: unknown) => {
            expect(refused(error)).toBe(true);
          },
        );
    };
    const dropping = runMigration(await sessionOn(database.db, { guard }), users, 'down');
    const [outcome] = await Promise.allSettled([dropping]);
    return { outcome, commands, inserted, left: await database.db.collection('users').countDocuments() };
  }

  it('is refused when a document comes in before it is closed, and the document stays', async () => {
    const { outcome, inserted, left } = await downWithInsertBefore(1);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DATA_LOSS' } });
    expect({ inserted, left }).toEqual({ inserted: 1, left: 1 });
  });

  it('lets no document slip in between the count and the drop', async () => {
    const { outcome, commands, inserted, left } = await downWithInsertBefore(2);
    expect(outcome).toMatchObject({ status: 'fulfilled' });
    expect({ commands, inserted, left }).toEqual({ commands: 3, inserted: 0, left: 0 });
  });

  it('leaves a document that comes after the collection lost its name in a new one', async () => {
    const { outcome, inserted, left } = await downWithInsertBefore(3);
    expect(outcome).toMatchObject({ status: 'fulfilled' });
    expect({ inserted, left }).toEqual({ inserted: 1, left: 1 });
    expect(await names()).toEqual(['users']);
  });

  it('gives the collection its name back when a document got round the closing before it lost its name', async () => {
    let commands = 0;
    const guard = async () => {
      // The count under the old name has been made by then: this is the drop's last command but one.
      if (++commands === 2) {
        await database.db.collection('users').insertOne({ email: 'a' }, { bypassDocumentValidation: true });
      }
    };
    await expect(runMigration(await sessionOn(database.db, { guard }), users, 'down')).rejects.toMatchObject({
      code: 'DATA_LOSS',
    });
    expect(await names()).toEqual(['users']);
    expect(await optionsOfUsers()).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
    expect(await database.db.collection('users').countDocuments()).toBe(1);
  });
});

describe('A collection that an interrupted drop left closed', () => {
  beforeEach(async () => {
    const before = validationOf((await optionsOfUsers()) ?? {});
    await database.db.command({ collMod: 'users', ...encodeClosed(before) });
  });

  it('refuses every document', async () => {
    await expect(database.db.collection('users').insertOne({ email: 'a' })).rejects.toThrow(
      'Document failed validation',
    );
  });

  it('is read with the validator that it had before', async () => {
    const { schema, closed } = await readSchema(database.db);
    expect([...closed.keys()]).toEqual(['users']);
    expect(schema['users']?.validator).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
  });

  it('is opened again by the next run', async () => {
    await runMigration(await sessionOn(database.db), users, 'up');
    expect(await optionsOfUsers()).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
  });

  it('is dropped when the run goes down', async () => {
    await down();
    expect(await optionsOfUsers()).toBeUndefined();
  });
});

describe('A collection that an interrupted drop has set aside', () => {
  const setAside = async (isClosed = true) => {
    const before = validationOf((await optionsOfUsers()) ?? {});
    if (isClosed) await database.db.command({ collMod: 'users', ...encodeClosed(before, 'users') });
    await database.db.collection('users').rename('dropped_users');
  };
  const up = async () => runMigration(await sessionOn(database.db), users, 'up');

  it('is no part of the schema', async () => {
    await setAside();
    const { schema, closed, setAside: found } = await readSchema(database.db);
    expect([Object.keys(schema), [...closed.keys()]]).toEqual([[], []]);
    expect([...found.values()]).toMatchObject([{ name: 'dropped_users', was: 'users', isPlaceholder: false }]);
  });

  it.each(['with documents', 'without documents'])(
    'gets its name and its validator back when the run goes up, %s',
    async (which) => {
      if (which === 'with documents')
        await database.db.collection('users').insertMany([{ email: 'a' }, { email: 'b' }]);
      await setAside();
      await up();
      expect(await names()).toEqual(['users']);
      expect(await optionsOfUsers()).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
      expect(await database.db.collection('users').countDocuments()).toBe(which === 'with documents' ? 2 : 0);
    },
  );

  it('is dropped when the run goes down', async () => {
    await setAside();
    await down();
    expect(await names()).toEqual([]);
  });

  it('is not dropped when the run goes down and it holds documents, unless those may be lost', async () => {
    await database.db.collection('users').insertOne({ email: 'a' });
    await setAside();
    await expect(down()).rejects.toMatchObject({ code: 'DATA_LOSS' });
    expect(await names()).toEqual(['users']);
    await setAside();
    await down(true);
    expect(await names()).toEqual([]);
  });

  it('is dropped when it is empty and an application has made another one', async () => {
    await setAside();
    await database.db.collection('users').insertOne({ email: 'a' });
    await up();
    expect(await names()).toEqual(['users']);
    expect(await database.db.collection('users').countDocuments()).toBe(1);
  });

  it('is left alone when there are documents in both, and the run says so', async () => {
    await database.db.collection('users').insertOne({ email: 'a' });
    await setAside();
    await database.db.collection('users').insertOne({ email: 'b' });
    const why = ['dropped_users holds 1 document', expect.stringContaining('users exists too') as string];
    await expect(up()).rejects.toMatchObject({ code: 'CONFLICT', why });
    await expect(down()).rejects.toMatchObject({ code: 'CONFLICT', why });
    expect(await names()).toEqual(['dropped_users', 'users']);
    await down(true);
    expect(await names()).toEqual([]);
  });

  it('is left alone when nothing tells that a drop did it', async () => {
    await database.db.collection('users').insertOne({ email: 'a' });
    await setAside(false);
    await expect(up()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await names()).toEqual(['dropped_users']);
  });
});

describe('The name that a collection is to get before it is dropped', () => {
  it('may be kept taken by a run that was killed', async () => {
    await database.db.command({ create: 'dropped_users', ...placeholderValidation });
    await down();
    expect(await names()).toEqual([]);
  });

  it('belongs to something else: the drop is refused before anything is changed', async () => {
    await database.db.collection('dropped_users').insertOne({ email: 'a' });
    await expect(down()).rejects.toMatchObject({
      code: 'CONFLICT',
      why: ['the collection must first be renamed to dropped_users, but that name is taken'],
    });
    expect(await names()).toEqual(['dropped_users', 'users']);
    await database.db.collection('users').insertOne({});
  });

  it('is another one where it would be too long', async () => {
    const long = 'u'.repeat(255 - database.name.length - 1);
    const long_ = migration('20260101000000-long.ts', createCollections(long));
    await runMigration(await sessionOn(database.db), long_, 'up');
    await runMigration(await sessionOn(database.db), long_, 'down');
    expect(await names()).toEqual(['users']);
    // Also when it is interrupted.
    await runMigration(await sessionOn(database.db), long_, 'up');
    const guard = stopAt(3);
    await expect(runMigration(await sessionOn(database.db, { guard }), long_, 'down')).rejects.toThrow('stopped');
    const [aside = ''] = (await names()).filter((name) => name !== 'users');
    expect(aside).toMatch(/^dropped_[0-9a-f]{32}$/);
    expect((await readSchema(database.db)).setAside.get(aside)?.was).toBe(long);
    await runMigration(await sessionOn(database.db), long_, 'up');
    expect(await names()).toEqual(['users', long].sort());
  });

  it('can be the name of no collection of a migration', () => {
    expect(() => createCollections('dropped_users')).toThrow('"dropped_users" is not a valid name for a collection');
  });
});

/** Lets a run come to this command that writes, and no further. */
function stopAt(command: number) {
  let commands = 0;
  return () => (++commands === command ? Promise.reject(new Error('stopped')) : Promise.resolve());
}
