import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findMigrations, loadMigrations } from '../../src/project';
import { isPlain } from '../../src/migration';
import { fromWire } from '../../src/schema';
import { fixture } from '../support/fixture';
import { errorWith, type Said } from '../support/error-with';

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
      '20260103000000-add_c-2.ts': '',
      'sample-migration.ts': '',
      'sample-migration.js': '',
      'frozen.json': '{}',
      'README.md': '',
    });
    expect(findMigrations(folder).map((file) => path.relative(folder, file))).toEqual([
      '20260101000000-a.ts',
      '20260102000000-b.ts',
      '20260103000000-add_c-2.ts',
    ]);
  });

  it.each([
    'helper.ts',
    '2026-add_users.ts',
    '20260101000000_add_users.ts',
    '20260101000000-add users.ts',
    '20260101000000-.ts',
    '20260101000000-add_users.d.ts',
    '20260101000000-add_users.test.ts',
  ])('are refused beside %s, which migrate-mongo might run', async (stranger) => {
    const folder = await folderWith({ '20260102000000-b.ts': '', [stranger]: '' });
    expect(() => findMigrations(folder)).toThrow(
      errorWith({
        code: 'MIGRATION',
        summary: `${folder} holds ${stranger}`,
        why: 'the name of a migration is YYYYMMDDHHMMSS-what_it_does.ts',
        fix: 'rename it (`npx migrate-mongo create what_it_does` gives a name), or move the file out of the folder',
      }),
    );
  });

  it.each(['.js', '.mjs', '.cjs', '.mts', '.cts'])(
    'are refused beside one that ends in %s, which migrate-mongo would not list',
    async (ending) => {
      const name = '20260101000000-add_users';
      const folder = await folderWith({ '20260102000000-b.ts': '', [`${name}${ending}`]: '' });
      expect(() => findMigrations(folder)).toThrow(
        errorWith({
          code: 'MIGRATION',
          summary: `${folder} holds ${name}${ending}`,
          why: `migrate-mongo would silently ignore ${name}${ending}`,
          fix: `rename ${name}${ending} to ${name}.ts`,
        }),
      );
    },
  );

  it('are refused with all strangers at once', async () => {
    const folder = await folderWith({ 'a.ts': '', 'b.js': '' });
    expect(() => findMigrations(folder)).toThrow('holds a.ts, b.js (MIGRATION)');
  });

  it('are refused when one is there as source and compiled', async () => {
    const folder = await folderWith({ '20260101000000-a.ts': '', '20260101000000-a.js': '' });
    expect(() => findMigrations(folder)).toThrow('contains 20260101000000-a.js, and the same migration as .ts');
  });
});

describe('Loading a migration', () => {
  const load = async (name: string, text: string) =>
    loadMigrations([path.join(await folderWith({ [name]: text }), name)]);

  it('gives what the file exports', async () => {
    const [loaded] = await load('20260101000000-users.ts', valid);
    expect(loaded?.name).toBe('20260101000000-users.ts');
    expect(loaded?.changes).toEqual([fromWire({ at: ['users', 'options'], to: {} })]);
  });

  it('gives compiled code the name of its source', async () => {
    const compiled = `const { createCollections, migration } = require(${source}); exports.default = migration(__filename, createCollections('users'));`;
    expect((await load('20260101000000-users.js', compiled))[0]?.name).toBe('20260101000000-users.ts');
  });

  it('gives a plain one in compiled code the name of its source, too', async () => {
    const [loaded] = await load('20260101000000-users.js', 'exports.up = async () => undefined;');
    expect(loaded?.name).toBe('20260101000000-users.ts');
    expect(loaded && isPlain(loaded)).toBe(true);
  });

  it.each([
    ['throws', `throw new Error('a reason');`, 'a reason'],
    ['throws what is no error', `throw 'a reason';`, 'a reason'],
    ['imports what does not exist', `import './missing';\nexport {};`, "Cannot find module './missing'"],
    [
      'is refused by a verb',
      valid.replace("'users'", "'changelog'"),
      '"changelog" is not a valid name for a collection',
    ],
    [
      'does nothing',
      `import { migration } from ${source};\nexport default migration(__filename);\n`,
      'it has no steps',
    ],
    ['cannot be parsed', 'export default {', 'Unexpected token `<eof>`'],
  ])('names the file when it %s', async (_title, text, reason) => {
    const error = await load('20260101000000-users.ts', text).catch((caught: unknown) => caught as Error);
    expect((error as Error).message).toMatch(/^20260101000000-users\.ts cannot be loaded \(MIGRATION\)\n {2}why {4}/);
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).not.toContain('backtrace');
  });

  it.each<[title: string, step: string, said: Said]>([
    ['no verb', `createIndex('users', [])`, { why: 'there is no verb createIndex', fix: 'write createIndexes' }],
    ['a misspelt verb', `addValidater('users', {})`, { fix: 'write addValidator' }],
    ['a verb of the shell', `insertMany('users', [])`, { fix: 'write insertDocuments' }],
    ['no serves', `createIndexes('users', [{ name: 'a_1', key: { a: 1 } }])`, { why: 'users.a_1 needs `serves`' }],
    ['an index that is no list', `createIndexes('users', { name: 'a_1' })`, { fix: 'must be a list of indexes' }],
    ['an index that is a text', `createIndexes('users', ['a_1'])`, { why: 'An index of users is' }],
    ['no name of an index', `createIndexes('users', [{ key: { a: 1 }, serves: 'x' }])`, { why: 'needs a name' }],
    ['no key', `createIndexes('users', [{ name: 'a_1', serves: 'x' }])`, { why: 'has `key: undefined`' }],
    ['no collection', `createIndexes(undefined, [])`, { why: 'createIndexes has undefined as its collection' }],
    ['a number', `createCollections(5)`, { fix: 'must be a name, or an object' }],
    ['an unknown option', `createCollections({ name: 'a', cappd: true })`, { why: 'did you mean `capped`?' }],
    ['a comment', `createCollections({ name: 'a', comment: 'why' })`, { why: 'the server does not store it' }],
    ['a text for a TTL', `changeTtl('a', 'a_1', { from: '1', to: 2 })`, { why: 'would expire after 1 seconds' }],
    ['no sides', `changeTtl('a', 'a_1', 5)`, { fix: 'must be an object: { from: 60, to: 90 }' }],
    ['no validator', `addValidator('a')`, { why: 'addValidator has undefined as its validator' }],
    [
      'an unknown level',
      `addValidator('a', { a: 1 }, { validationLevel: 'strickt' })`,
      { why: 'did you mean `strict`?' },
    ],
    ['an unknown side', `changeValidator('a', { form: {}, to: {} })`, { why: 'did you mean `from`?' }],
    ['no list of rows', `insertDocuments('a', { _id: 1 })`, { fix: 'must be a list of documents' }],
    ['a row that is none', `insertDocuments('a', ['x'])`, { why: 'insertDocuments has string "x" as its document' }],
    ['a view on nothing', `createView('a', { pipeline: [] })`, { why: 'createView has undefined as its collection' }],
    ['a view without stages', `createView('a', { on: 'b' })`, { fix: 'must be a list of stages' }],
    ['no index', `makeUnique('a')`, { why: 'makeUnique has undefined as its second argument' }],
    ['no reason', `dropCollection('a', { was: [] })`, { why: "dropCollection('a') has no reason" }],
    [
      'no function',
      `run('why', { isDone: true, run: async () => {}, undo: 'nothing to undo' })`,
      { why: 'no function `isDone`' },
    ],
  ])('names the file, the line and the right word for %s', async (_title, step, said) => {
    const verb = step.slice(0, step.indexOf('('));
    const text = `import { migration, ${verb} } from ${source};\n\nexport default migration(\n  __filename,\n  ${step},\n);\n`;
    await expect(load('20260101000000-users.ts', text)).rejects.toThrow(errorWith({ code: 'MIGRATION', ...said }));
    await expect(load('20260101000000-users.ts', text)).rejects.toMatchObject({
      where: expect.stringMatching(/20260101000000-users\.ts:\d+$/) as string,
    });
  });

  it.each([
    ['nothing', 'export {};'],
    ['something else by default', 'export default { more: 1 };'],
    ['nothing by default', valid.replace('export default', 'export const it =')],
    ['null', 'export default null;'],
  ])('refuses a file that exports %s', async (_title, text) => {
    await expect(load('20260101000000-users.ts', text)).rejects.toThrow(
      errorWith({
        summary: '20260101000000-users.ts exports no migration',
        fix: 'write `export default migration(__filename, …)`',
      }),
    );
  });

  it.each([
    ['an `up` that is no function', 'export const up = 5;', '`up` is not a function'],
    ['a `down` that is none', `export const up = () => 1;\nexport const down = 'x';`, '`down` is not a function'],
    ['only `down`', 'export const down = () => 1;', 'it exports `down`, but not `up`'],
  ])('refuses a plain file that exports %s', async (_title, text, why) => {
    await expect(load('20260101000000-users.ts', text)).rejects.toThrow(
      errorWith({
        summary: '20260101000000-users.ts exports no migration that can be run',
        why,
        fix: 'write `export async function up(db, client) { … }`',
      }),
    );
  });

  it('works for every migration of a folder, under the name of its file', () => {
    const names = findMigrations(fixture.folder).map((file) => path.basename(file));
    expect(names.length).toBeGreaterThan(0);
    expect(fixture.migrations.map(({ name }) => name)).toEqual(names);
  });
});
