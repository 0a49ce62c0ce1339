import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findMigrations, loadMigrations } from '../../src/migration';
import { projectMigrations } from '../support/migrations';

const source = JSON.stringify(path.join(__dirname, '..', '..', 'src', 'migration'));
const valid = `import { createCollections, migration } from ${source};
export default migration(__filename, createCollections('users'));`;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'migrations-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(path.join(folder, name), text)));
  return folder;
}

describe('The migrations in a folder', () => {
  it('are found in order, and nothing else is: no sample, no data, no notes', async () => {
    const folder = await folderWith({
      '20260102000000-b.ts': '',
      '20260101000000-a.ts': '',
      '20260103000000-add_c-2.js': '',
      'sample-migration.ts': '',
      'frozen.json': '{}',
      'README.md': '',
    });
    expect(findMigrations(folder).map((file) => path.relative(folder, file))).toEqual([
      '20260101000000-a.ts',
      '20260102000000-b.ts',
      '20260103000000-add_c-2.js',
    ]);
  });

  it.each([
    'helper.ts',
    '2026-add_users.ts',
    '20260101000000_add_users.ts',
    '20260101000000-add users.ts',
    '20260101000000-.ts',
    '20260101000000-add_users.d.ts',
    '20260101000000-add_users.mts',
    '20260101000000-add_users.cjs',
    '20260101000000-add_users.test.ts',
  ])('are refused beside %s, which migrate-mongo might run', async (stranger) => {
    const folder = await folderWith({ '20260102000000-b.ts': '', [stranger]: '' });
    expect(() => findMigrations(folder)).toThrow(
      `${folder} holds ${stranger}, and a migration is named YYYYMMDDHHMMSS-what_it_does.ts. Rename it ` +
        '(`npx migrate-mongo create what_it_does` gives a name), or move it out of the folder.',
    );
  });

  it('are refused with all strangers at once', async () => {
    const folder = await folderWith({ 'a.ts': '', 'b.js': '' });
    expect(() => findMigrations(folder)).toThrow('holds a.ts, b.js, and');
  });

  it('are refused when one is there as source and compiled', async () => {
    const folder = await folderWith({ '20260101000000-a.ts': '', '20260101000000-a.js': '' });
    expect(() => findMigrations(folder)).toThrow('holds 20260101000000-a.js beside the same in .ts');
  });
});

describe('Loading a migration', () => {
  const load = async (name: string, text: string) =>
    loadMigrations([path.join(await folderWith({ [name]: text }), name)]);

  it('gives what the file exports', async () => {
    const [loaded] = await load('20260101000000-users.ts', valid);
    expect(loaded?.name).toBe('20260101000000-users.ts');
    expect(loaded?.changes).toEqual([{ at: ['users', 'options'], to: {} }]);
  });

  it('gives compiled code the name of its source', async () => {
    const compiled = `const { migration } = require(${source}); exports.default = migration(__filename);`;
    expect((await load('20260101000000-users.js', compiled))[0]?.name).toBe('20260101000000-users.ts');
  });

  it.each([
    ['throws', `throw new Error('a reason');`, 'a reason'],
    ['throws what is no error', `throw 'a reason';`, 'a reason'],
    ['imports what is not there', `import './missing';\nexport {};`, "Cannot find module './missing'"],
    ['is refused by a verb', valid.replace("'users'", "'changelog'"), '"changelog" cannot name a collection'],
    ['cannot be parsed', 'export default {', 'Unexpected token `<eof>`'],
  ])('names the file when it %s', async (_title, text, reason) => {
    const error = await load('20260101000000-users.ts', text).catch((caught: unknown) => caught as Error);
    expect((error as Error).message).toMatch(/^20260101000000-users\.ts cannot be loaded: /);
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).not.toContain('backtrace');
  });

  it.each([
    ['nothing', 'export {};'],
    ['something else by default', 'export default { up() {}, down() {} };'],
    ['nothing by default', valid.replace('export default', 'export const it =')],
    ['null', 'export default null;'],
  ])('refuses a file that exports %s', async (_title, text) => {
    await expect(load('20260101000000-users.ts', text)).rejects.toThrow(
      '20260101000000-users.ts exports no migration: write `export default migration(__filename, …)`.',
    );
  });

  it('works for every migration of this project, under the name of its file', () => {
    const folder = path.join(__dirname, '..', '..', 'migrations');
    const names = findMigrations(folder).map((file) => path.basename(file));
    expect(names.length).toBeGreaterThan(0);
    expect(projectMigrations().map(({ name }) => name)).toEqual(names);
  });
});
