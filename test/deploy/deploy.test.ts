import { describe, expect, it } from 'vitest';
import { accept, pendingMigrations, type RunEvent } from '../../src/deploy';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';
import { errorWith } from '../support/error-with';
import { reportOf } from '../../src/support/schema-error';

const history = useSmallHistory();
const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
const dbHash = async () =>
  ((await history.db.command({ dbHash: 1 })) as { collections: Record<string, string> }).collections;

describe('deploy', () => {
  it('applies what is pending, tells what became of each change, and keeps that', async () => {
    const events: RunEvent[] = [];
    const report = await history.deploy({ onEvent: (event) => events.push(event) });
    expect(report).toMatchObject({ left: [], drift: [], schema: { collections: 2, indexes: 1, validators: 0 } });
    expect(report.applied).toEqual([
      expect.objectContaining({ name: users, changes: [{ at: ['users', 'options'], outcome: 'done' }] }),
      expect.objectContaining({ name: emails, changes: [{ at: ['users', 'indexes', 'email_1'], outcome: 'done' }] }),
      expect.objectContaining({ name: projects, changes: [{ at: ['projects', 'options'], outcome: 'done' }] }),
    ]);
    expect(events).toEqual(report.applied.map((migration) => ({ type: 'migration', migration })));
    const pairs = [users, emails, projects].flatMap((name) => [`started up ${name}`, `finished up ${name}`]);
    expect(await history.told()).toEqual(pairs);
    expect(await history.db.collection('schema_history').findOne({ type: 'finished' })).toMatchObject({
      changes: [{ at: ['users', 'options'], outcome: 'done' }],
    });
    expect(await history.deploy()).toMatchObject({ applied: [], schema: report.schema });
    expect(await history.told()).toEqual(pairs);
  });

  it('stops after the one that --to names, be it by a part of its name', async () => {
    expect(await history.deploy({ to: 'users' })).toMatchObject({ left: [emails, projects] });
    expect(await history.recorded()).toEqual([users]);
    expect(namesOf((await history.deploy({ to: '20260102000000-emails' })).applied)).toEqual([emails]);
    expect(namesOf((await history.deploy({ to: projects })).applied)).toEqual([projects]);
  });

  it.each([
    ['several have', '2026010', [users, emails, projects], 'Several migrations match "2026010"'],
    ['none has, and suggests what comes near', 'e-mails', [emails], 'There is no migration "e-mails"'],
  ])('refuses a part of a name that %s', async (_title, to, suggested, message) => {
    const error = await rejection(history.deploy({ to }));
    expect(error.code).toBe('USAGE');
    expect(error.message).toContain(message);
    expect(reportOf(error).why?.slice(0, 1 + suggested.length)).toEqual(['there are:', ...suggested]);
    expect(await history.contents()).toEqual({});
  });

  it('writes nothing at all in a dry run', async () => {
    expect(await pendingMigrations(history.target)).toEqual([users, emails, projects]);
    expect(await history.db.listCollections().toArray()).toEqual([]);
    await history.deploy({ to: emails });
    const before = await dbHash();
    expect(await pendingMigrations(history.target)).toEqual([projects]);
    expect(await pendingMigrations({ ...history.target, to: users })).toEqual([]);
    expect(await dbHash()).toEqual(before);
  });

  it('adds an index to the changelog, so that no migration is in it twice', async () => {
    await history.deploy();
    const again = history.db.collection('changelog').insertOne({ fileName: users });
    await expect(again).rejects.toThrow(/E11000.*fileName_1/);
  });
});

describe('A migration that fails in the middle of a run', () => {
  // A validator refuses it that was set by hand: no look ahead can tell.
  const row = `insertDocuments('users', [{ _id: 'ann' }])`;

  it('leaves the earlier ones recorded, names the rest, and lets the next run converge', async () => {
    await history.write(emails, row);
    await history.deploy({ to: users });
    await history.db.command({ collMod: 'users', validator: { email: { $exists: true } } });
    const error = await rejection(history.deploy());
    expect(error.message).toMatch(
      /^Cannot apply 20260102000000-emails\.ts \(SERVER\)\n {2}why {4}Cannot create documents of users: DocumentValidationFailure/,
    );
    expect(error.left).toEqual([emails, projects]);
    expect(await history.recorded()).toEqual([users]);
    expect((await history.told()).slice(2)).toEqual([`started up ${emails}`, `failed up ${emails}`]);

    await history.db.command({ collMod: 'users', validator: {} });
    expect(namesOf((await history.deploy()).applied)).toEqual([emails, projects]);
    expect(await history.recorded()).toEqual([users, emails, projects]);
  });

  it('is found done as far as it came', async () => {
    await history.write(emails, `${code.collection('a')}, ${row}`);
    await history.deploy({ to: users });
    await history.db.command({ collMod: 'users', validator: { email: { $exists: true } } });
    await rejection(history.deploy());
    await history.db.command({ collMod: 'users', validator: {} });
    const { applied } = await history.deploy();
    expect(applied[0]?.changes.map(({ outcome }) => outcome)).toEqual(['already', 'done']);
  });
});

describe('A database that holds collections and no trace of migrations', () => {
  it('is refused, with the names of what was found, and stays as it is', async () => {
    await history.db.collection('elephants').insertOne({});
    await history.db.createCollection('changelog');
    const before = await history.contents();
    for (const run of [() => history.deploy(), () => pendingMigrations(history.target)]) {
      const { message } = await rejection(run());
      expect(message).toContain(`The database ${history.name} has collections and no changelog`);
      expect(message).toContain('it holds elephants\n');
      expect(message).toMatch(/fix {4}.*`baseline` .* `deploy --adopt`/);
    }
    expect(await history.contents()).toEqual(before);
  });

  it('is still refused after other verbs have looked at it', async () => {
    await history.db.collection('elephants').insertOne({});
    await history.rollback({ steps: 1 });
    expect((await rejection(history.deploy())).message).toContain('elephants');
  });

  it('is gone on with by --adopt, once and for all', async () => {
    await history.db.collection('elephants').insertOne({});
    expect(await history.deploy({ adopt: true, to: users })).toMatchObject({ drift: ['collection elephants'] });
    expect(namesOf((await history.deploy()).applied)).toEqual([emails, projects]);
    await history.rollback({ steps: 3 });
    expect(await history.deploy()).toMatchObject({ left: [] });
  });
});

describe('After a run the database is compared with its migrations', () => {
  it('and what others changed where the run changed nothing is a warning, or an error with --strict', async () => {
    await history.deploy({ to: emails });
    await history.db.collection('users').createIndex({ age: 1 });
    await history.db.createCollection('elephants');
    const warnings: string[] = [];
    const onEvent = (event: RunEvent) => {
      if (event.type === 'warning') warnings.push(event.message);
    };
    const drift = ['collection elephants', 'index users.age_1'];
    expect((await history.deploy({ onEvent })).drift).toEqual(drift);
    expect(warnings).toEqual([
      `The database differs from its migrations in places that this run did not touch: ${drift.join(', ')}.`,
    ]);
    expect(await rejection(history.deploy({ strict: true }))).toEqual(
      errorWith({
        code: 'DRIFT',
        summary: 'The pending migrations are applied, but the database differs in other places',
        why: `${drift.join(', ')}.`,
      }),
    );
  });

  it('and a place that the run touched, and that somebody changed meanwhile, is an error', async () => {
    const meddle = (event: RunEvent) => {
      if (event.type !== 'migration' || event.migration.name !== emails) return;
      meddling = history.db.collection('users').dropIndex('email_1');
    };
    let meddling: Promise<unknown> = Promise.resolve();
    const error = await rejection(history.deploy({ onEvent: meddle }));
    await meddling;
    expect(error).toEqual(
      errorWith({
        code: 'DRIFT',
        summary: 'The migrations are applied, but the database differs from their result',
        why: 'someone else changed index users.email_1',
      }),
    );
    expect(await history.recorded()).toEqual([users, emails, projects]);
  });

  it('and where a file that was accepted as missing leaves a gap, that is said', async () => {
    await history.deploy();
    await history.remove(users);
    await accept({ ...history.target, migration: users, reason: 'it is on a tape' });
    await history.write('20260104000000-names.ts', code.index('users', 'name'));
    const warnings: RunEvent[] = [];
    const { applied } = await history.deploy({ onEvent: (event) => warnings.push(event) });
    expect(namesOf(applied)).toEqual(['20260104000000-names.ts']);
    expect(warnings.at(-1)).toMatchObject({
      type: 'warning',
      message: expect.stringMatching(/cannot be compared with its migrations: .*emails\.ts.*does not exist/) as string,
    });
  });

  it('in the order in which they were applied', async () => {
    const late = '20260101120000-late.ts';
    await history.deploy();
    // In the order of the names, nothing would be there for it to drop.
    await history.write(
      late,
      "dropIndexes('users', [{ name: 'email_1', key: { email: 1 }, unique: true, serves: 'a test' }])",
    );
    await accept({ ...history.target, migration: late, reason: 'it has to be' });
    const report = await history.deploy({ strict: true });
    expect(namesOf(report.applied)).toEqual([late]);
    expect(report.schema.indexes).toBe(0);
  });
});
