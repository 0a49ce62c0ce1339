import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentOf } from '../support/schema-command';
import { indexOn } from '../support/small-project';
import { testCallbacks, testForms, testThrown } from './kinds';
import { orders, usePlainProject } from './plain-project';

const project = usePlainProject();
const [first, second, third] = [
  '20260101000000-orders.ts',
  '20260102000000-totals.ts',
  '20260103000000-users.ts',
] as const;

testForms(project, 'one object by default');
testThrown(project, 'an error');
testCallbacks(project, 'db, next');

describe('A plain migration', () => {
  it('gets the connected client of the run: sessions and transactions work', async () => {
    await project.write(
      first,
      `export const up = async (db, client) => {
        const session = client.startSession();
        try {
          await session.withTransaction(async () => {
            await db.collection('orders').insertOne({ _id: 1 }, { session });
            await client.db(db.databaseName).collection('totals').insertOne({ _id: 1 }, { session });
          });
        } finally { await session.endSession(); }
      };`,
    );
    await project.done('deploy');
    expect(await project.db.collection('totals').countDocuments()).toBe(1);
  });

  it('is not planned, and every verb says so', async () => {
    await project.write(first, orders);
    const plan = await project.schema('plan');
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toContain(`${first}\n  not planned: it is a plain migration, and its \`up\` will be run\n`);
    expect(plan.stdout).toContain(`warning SM028 ${first}: The migration is plain`);
    const json = documentOf(await project.schema('plan', '--json'));
    expect(json['pending']).toMatchObject([{ name: first, isPlain: true, changes: [] }]);
    expect(await project.schema('deploy', '--dry-run')).toMatchObject({
      exitCode: 2,
      stdout: `pending  ${first}  (plain migration: \`plan\` cannot show its changes)\n`,
    });
    expect(documentOf(await project.schema('deploy', '--dry-run', '--json'))).toMatchObject({
      pending: [first],
      plain: [first],
    });
    expect(await project.done('lint')).toContain('SM028');
    await project.done('snapshot');
    await project.done('snapshot', '--check');
    const page = await readFile(path.join(project.folder, '..', 'schema', 'SCHEMA.md'), 'utf8');
    expect(page).toContain(
      `### 20260101000000-orders\n\n- a plain migration: its \`up\` is run, and what it does is unknown`,
    );
    expect(await project.collections()).toEqual([]);
  });

  it('is frozen by its text', async () => {
    await project.write(first, orders);
    await project.done('snapshot');
    await project.write(first, `${orders}// A word more.\n`);
    expect((await project.schema('snapshot')).stderr).toContain(`changed after being frozen: ${first}`);
  });

  it('is edited when its text is not the one that was applied, and can be accepted', async () => {
    await project.write(first, orders);
    await project.done('deploy');
    await project.write(first, `${orders}// A word more.\n`);
    expect(await project.states()).toEqual(['edited']);
    await project.done('accept', '--migration', first, '--reason', 'a comment');
    expect(await project.states()).toEqual(['applied']);
  });

  it('without `down` cannot be rolled back, and says so', async () => {
    await project.write(first, `export async function up(db) { await db.createCollection('orders'); }`);
    await project.done('deploy');
    const planned = await project.schema('rollback', '--steps', '1', '--dry-run');
    expect(planned.stdout).toContain('it does not export `down`');
    const refused = await project.schema('rollback', '--steps', '1', '--yes');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/cannot be rolled back, so nothing was changed[^]*it does not export `down`/);
    expect(await project.states()).toEqual(['applied']);
  });
});

describe('A plain migration that fails', () => {
  it('is the first that a rollback undoes, by its `down`', async () => {
    await project.write(first, orders.replace('insertOne', 'noSuchMethod'));
    expect((await project.schema('deploy')).exitCode).toBe(1);
    expect(await project.collections()).toEqual(['orders']);
    await project.done('rollback', '--steps', '1', '--yes');
    expect(await project.collections()).toEqual([]);
    expect(await project.states()).toEqual(['pending']);
  });
});

describe('Plain migrations among others', () => {
  it('leave what comes after them to be looked at when its turn comes', async () => {
    await project.db.createCollection('users', { validator: { name: { $type: 'string' } } });
    await project.db.collection('users').insertOne({ name: 'Ann' });
    await project.write(
      first,
      `export const up = async (db) => { await db.command({ collMod: 'users', validator: {} }); await db.collection('users').insertMany([{ name: 'Ann' }]); };`,
    );
    await project.writeVerbs(
      second,
      `createCollections('users'), addValidator('users', { email: { $type: 'string' } }, { validationLevel: 'moderate' })`,
    );
    await project.writeVerbs(third, `createIndexes('users', [${indexOn('name', 'unique: true')}])`);
    const plan = await project.schema('plan', '--adopt');
    expect(plan.stdout).toContain(
      'checked later: an earlier pending migration may write to this collection or rename it',
    );
    const failed = await project.schema('deploy', '--adopt');
    expect(failed.stderr).toMatch(/\(PREFLIGHT\)\n {2}why {4}20260103000000-users\.ts: index users\.name_1: /);
    expect(await project.recorded()).toEqual([first, second]);
  });

  it('make collections that are declared afterwards, and drift takes no offence at the others', async () => {
    await project.write(first, orders);
    await project.write(second, `export const up = (db) => db.collection('totals').createIndex({ day: 1 });`);
    await project.done('deploy', '--strict');
    const before = await project.schema('drift');
    expect(before.exitCode).toBe(0);
    expect(before.stdout).toMatch(
      /notice {2}collection orders: collection extra[^]*may have been created by one of 2 plain migrations/,
    );
    await project.writeVerbs(third, `createIndexes('totals', [${indexOn('day')}])`);
    const unknown = await project.schema('snapshot');
    expect(unknown.stderr).toContain(
      'if one of the 2 plain migrations made what is missing, declare that in an earlier migration',
    );
    await project.writeVerbs(third, `createCollections('totals'), createIndexes('totals', [${indexOn('day')}])`);
    expect(await project.done('deploy', '--strict')).toContain(
      `applied  ${third}  0 changes, 2 already in the database`,
    );
    await project.done('snapshot');
    const after = await project.schema('drift');
    expect(after.stdout).not.toContain('totals');
    // What is known by now is compared as ever.
    await project.db.collection('totals').dropIndexes();
    expect((await project.schema('drift')).exitCode).toBe(2);
  });

  it('count for a baseline, which says that nothing of them was compared', async () => {
    await project.write(first, orders);
    await project.writeVerbs(second, `createCollections('totals')`);
    await project.db.createCollection('totals');
    const marked = await project.done('baseline');
    expect(marked).toContain(
      `marked  ${first}  (plain migration: its changes cannot be compared)\nmarked  ${second}\n`,
    );
    expect(await project.states()).toEqual(['applied', 'applied']);
  });
});

describe('Files of another ending', () => {
  it('are refused by name and with the fix, by both command lines, before anything is written', async () => {
    await project.write(first, orders);
    const [js, mjs] = ['20260102000000-totals.js', '20260103000000-more.mjs'] as const;
    for (const name of [js, mjs]) await project.write(name, 'exports.up = () => undefined;');
    for (const { exitCode, stderr } of [await project.bare('up'), await project.schema('deploy')]) {
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`rename ${js} to ${second}, ${mjs} to 20260103000000-more.ts`);
    }
    expect(await project.db.listCollections().toArray()).toEqual([]);
  });
});

describe('A row that no event tells of', () => {
  const row = (fileName: string) => project.db.collection('changelog').insertOne({ fileName, appliedAt: new Date() });

  it('counts as applied for a plain migration, and as ever for one of verbs', async () => {
    await project.write(first, orders);
    await project.writeVerbs(second, `createCollections('totals')`);
    await row(first);
    expect(await project.states()).toEqual(['applied', 'pending']);
    await row(second);
    expect(await project.states()).toEqual(['applied', 'unknown']);
  });

  it('is unknown where the file cannot be loaded', async () => {
    await project.write(first, `import './missing';\n${orders}`);
    await row(first);
    expect(await project.states()).toEqual(['unknown']);
  });

  it('can be rolled back', async () => {
    await project.write(first, orders);
    await project.db.createCollection('orders');
    await row(first);
    await project.done('rollback', '--steps', '1', '--yes');
    expect(await project.collections()).toEqual([]);
    expect(await project.states()).toEqual(['pending']);
  });

  it('is refused by name where it ends in .js', async () => {
    await project.write(first, orders);
    await project.write(second, orders);
    // The first file then seems to come late.
    for (const name of [first, second]) await row(name.replace('.ts', '.js'));
    const { exitCode, stderr } = await project.schema('deploy');
    expect(exitCode).toBe(4);
    expect(stderr).not.toMatch(/late|newer name/);
    expect(stderr).toMatch(/migrations are \.ts files here[^]*docs\/moving-in\.md has the command/);
  });
});
