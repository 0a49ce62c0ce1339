import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { orders, usePlainProject } from './plain-project';

const project = usePlainProject();
const [first, second, third] = [
  '20260101000000-orders.ts',
  '20260102000000-totals.ts',
  '20260103000000-more.ts',
] as const;
/** Tells, in the database, who holds the lease while it runs. */
const looksAtLease = `
export const up = async (db) => {
  const lease = await db.collection('schema_lock').findOne({ _id: 'lease' });
  await db.collection('seen').insertOne({ purpose: lease?.owner?.purpose, pid: lease?.owner?.pid === process.pid });
};
export const down = async (db) => { await db.collection('seen').drop(); };
`;

describe("migrate-mongo's own command line", () => {
  it('runs a plain migration under the lease, with events, and mixes with deploy and rollback', async () => {
    await project.write(first, orders);
    await project.write(second, looksAtLease);
    expect(await project.bare('up')).toEqual({
      exitCode: 0,
      stdout: `MIGRATED UP: ${first}\nMIGRATED UP: ${second}\n`,
      stderr: '',
    });
    expect(await project.db.collection('seen').findOne({}, { projection: { _id: 0 } })).toEqual({
      purpose: `up of ${second}`,
      pid: true,
    });
    expect(await project.told()).toEqual(
      [first, second].flatMap((name) => [`started up ${name}`, `finished up ${name}`]),
    );
    expect((await readEvents(project.db)).every(({ checksum }) => checksum !== undefined)).toBe(true);
    expect(await project.states()).toEqual(['applied', 'applied']);

    await project.writeVerbs(third, `createCollections('users')`);
    expect(await project.done('deploy')).toContain(`applied  ${third}`);
    expect((await project.bare('down')).stdout).toBe(`MIGRATED DOWN: ${third}\n`);
    expect((await project.bare('down')).stdout).toBe(`MIGRATED DOWN: ${second}\n`);
    expect(await project.collections()).toEqual(['orders']);
    await project.done('rollback', '--steps', '1', '--yes');
    expect(await project.collections()).toEqual([]);
    expect(await project.states()).toEqual(['pending', 'pending', 'pending']);
  });

  it.each([
    ['-dir and its path', (folder: string) => Promise.resolve(folder)],
    [
      '-dir and a link',
      async (folder: string) => {
        const link = path.join(path.dirname(folder), 'link');
        await symlink(folder, link);
        return link;
      },
    ],
  ])('does so where the folder is named by --migrations%s', async (_title, name) => {
    await project.write(first, orders);
    const named = await name(project.folder);
    const elsewhere = path.join(path.dirname(project.folder), 'elsewhere');
    await mkdir(elsewhere);
    const { exitCode, stdout, stderr } = await project.bareIn(elsewhere, 'up', '--migrations-dir', named);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: `MIGRATED UP: ${first}\n`, stderr: '' });
    expect(await project.told()).toEqual([`started up ${first}`, `finished up ${first}`]);
  });

  it.each([
    [
      'says what a plain migration threw',
      'throw new Error("a reason");',
      /Cannot apply \S+ \(FAILED\)\n {2}why {4}a reason\n/,
    ],
    ['does not support callbacks', 'next();', /has a parameter `next` for a callback/],
  ])('%s, and writes no row', async (_title, code, says) => {
    await project.write(first, `exports.up = async (db, ${code === 'next();' ? 'next' : 'client'}) => { ${code} };`);
    const { exitCode, stderr } = await project.bare('up');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(says);
    expect(await project.recorded()).toEqual([]);
  });

  it('calls no file that exports no migration, or that Node could import and not require', async () => {
    await project.write(first, 'export const more = 1;');
    expect((await project.bare('up')).stderr).toContain(`${first} exports no migration`);
    await project.write('../package.json', '{ "type": "module" }');
    await project.write(first, `export const up = async (db) => { await db.collection('orders').insertOne({}); };`);
    const { exitCode, stderr } = await project.bare('up');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${first} cannot be loaded`);
    expect(await project.collections()).toEqual([]);
  });

  it.each(['js', 'cjs', 'mts', 'cts'])(
    'refuses what ends in .%s by name and with the fix, as ours does, before anything is written',
    async (ending) => {
      await project.write(first, orders);
      const name = `20260102000000-totals.${ending}`;
      await project.write(name, `exports.up = async (db) => { await db.createCollection('totals'); };`);
      const verbs = ending === 'js' ? ['up', 'down', 'status', 'create'] : ['up'];
      const ended = [
        ...(await Promise.all(verbs.map((verb) => project.bare(verb, ...(verb === 'create' ? ['x'] : []))))),
        ...(await Promise.all(['deploy', 'status', 'plan', 'lint'].map((verb) => project.schema(verb)))),
      ];
      for (const { exitCode, stderr } of ended) {
        expect(exitCode).toBe(1);
        expect(stderr).toContain(`holds ${name}`);
        expect(stderr).toContain(`rename ${name} to 20260102000000-totals.ts`);
      }
      expect(await project.collections()).toEqual([]);
      expect(await project.db.listCollections().toArray()).toEqual([]);
    },
  );
});
