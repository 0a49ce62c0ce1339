import { describe, expect, it } from 'vitest';
import { orders, type PlainProject } from './plain-project';

const [first, second] = ['20260101000000-orders.ts', '20260102000000-totals.ts'] as const;

/** The ways in which a file can export a plain migration. */
export const forms = {
  functions: orders,
  'one object by default': `export default { async up(db: any) { await db.createCollection(this.name); }, async down(db: any) { await db.dropCollection(this.name); }, name: 'orders' };`,
  'in the way of CommonJS': `module.exports = { up: async (db, client) => { await client.db(db.databaseName).createCollection('orders'); }, down: (db) => db.dropCollection('orders') };`,
  'constants that take a context, too': `export const up = (db: any, client: any, context?: any) => { if (context) throw new Error('a context'); return db.createCollection('orders'); };\nexport const down = async (db: any) => { await db.dropCollection('orders'); };`,
} as const;

export function testForms(project: PlainProject, ...tested: (keyof typeof forms)[]): void {
  it.each(tested)('A plain migration that exports %s goes up and down, with a row and events', async (form) => {
    await project.write(first, forms[form]);
    expect(await project.done('deploy')).toContain(`applied  ${first}  plain`);
    expect(await project.collections()).toEqual(['orders']);
    expect(await project.recorded()).toEqual([first]);
    expect(await project.states()).toEqual(['applied']);
    await project.done('rollback', '--steps', '1', '--yes');
    expect(await project.collections()).toEqual([]);
    expect(await project.states()).toEqual(['pending']);
    const events = ['started up', 'finished up', 'started down', 'finished down'];
    expect(await project.told()).toEqual(events.map((event) => `${event} ${first}`));
  });
}

/** What an `up` may throw, and what is said of it. */
export const thrown = {
  'an error': [`throw new TypeError('no such order of Eve');`, 'no such order of Eve'],
  'a text': [`throw 'no such order of Eve';`, 'no such order of Eve'],
  nothing: [`throw undefined;`, 'undefined was thrown, which is not an error'],
  'an error of the server': [`await db.command({ no: 1 });`, 'no such command'],
} as const;

export function testThrown(project: PlainProject, ...tested: (keyof typeof thrown)[]): void {
  it.each(tested)('One that throws %s is told with its reason, and runs again from its beginning', async (what) => {
    const [code, reason] = thrown[what];
    const text = (more: string) =>
      `export async function up(db) { await db.collection('begun').insertOne({}); ${more} }`;
    await project.write(first, text(code));
    const failed = await project.schema('deploy');
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain(`Cannot apply ${first}`);
    expect(failed.stderr).toContain(reason);
    expect(failed.stderr).toContain('`deploy` runs the migration again from the start');
    expect(await project.told()).toEqual([`started up ${first}`, `failed up ${first}`]);
    // No word of what was thrown is stored.
    expect(JSON.stringify(await project.db.collection('schema_history').find().toArray())).not.toContain('Eve');
    expect(await project.states()).toEqual(['failed']);
    await project.write(first, text(''));
    await project.done('deploy');
    expect(await project.db.collection('begun').countDocuments()).toBe(2);
  });
}

export function testCallbacks(project: PlainProject, ...tested: string[]): void {
  describe('One that takes a callback', () => {
    it.each(tested)(
      '(%s) is refused before anything is written, and loaded where it is applied',
      async (parameters) => {
        await project.write(first, orders);
        await project.write(second, `module.exports = { up(${parameters}) { throw new Error('called'); } };`);
        for (const verb of ['deploy', 'plan']) {
          const { exitCode, stderr } = await project.schema(verb);
          expect(exitCode).toBe(1);
          expect(stderr).toContain(`${second} cannot be run, so nothing was changed (MIGRATION)`);
          expect(stderr).toContain('for a callback, which is never passed');
        }
        expect(await project.collections()).toEqual([]);
        const rows = [first, second].map((fileName) => ({ fileName, appliedAt: new Date() }));
        await project.db.collection('changelog').insertMany(rows);
        expect(await project.done('deploy')).toContain('Nothing is pending.');
      },
    );
  });
}
