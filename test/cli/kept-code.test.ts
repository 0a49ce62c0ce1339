import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../support/project-folder';

/** Loads main.js of the folder `own`, with its code kept in the folder `caches`. */
const program = `const [caches, own] = process.argv.slice(1);
require(${JSON.stringify(path.join(projectFolder, 'src', 'cli', 'kept-code.ts'))}).keepCode(caches, own);
require(own + '/main.js');`;

const quickStart = path.join(projectFolder, 'scripts', 'quick-start.js');
// A first run of quick-start loads its compiler, so it would load fewer packages through the kept code than the next run.
beforeAll(async () => {
  await execa(process.execPath, ['-r', quickStart, path.join(projectFolder, 'src', 'cli', 'kept-code.ts')]);
});

let folder: string;
const at = (...names: readonly string[]) => path.join(folder, ...names);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kept-code-'));
  await mkdir(at('own'));
  await writeFile(at('own', 'part.js'), partOf('one'));
  await writeFile(
    at('own', 'main.js'),
    `#!/usr/bin/env node
const { say, fail } = require('./part');
const same = require.resolve('./part') === require.resolve.paths('./part')[0] + '/part.js' && require.cache[__filename] === module;
import('node:os').then(({ EOL }) => { try { fail(); } catch ({ stack }) { console.log(say(), same, EOL.length, stack.match(/part.js:.*/)[0]); } });
`,
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function partOf(word: string): string {
  return `exports.say = () => '${word}';\nexports.fail = () => { throw new Error('why'); };\n`;
}

async function run(caches = at('caches')): Promise<string> {
  const args = ['-r', quickStart, '-e', program, caches, at('own')];
  const { stdout, stderr } = await execa(process.execPath, args);
  expect(stderr).toBe('');
  return stdout;
}

const right = 'one true 1 part.js:2:30)';

/** Resolves to the file with the kept code, which is the only one. */
async function keptFile(): Promise<string> {
  const names = await readdir(at('caches'));
  expect(names).toHaveLength(1);
  return at('caches', names[0] ?? '');
}

// Newer versions of Node keep compiled code themselves.
describe.skipIf('enableCompileCache' in module)('Kept code', () => {
  it('is written once, for this user alone, and changes nothing that a program can see', async () => {
    expect(await run()).toBe(right);
    const before = await stat(await keptFile());
    expect(before.mode & 0o777).toBe(0o600);
    expect((await stat(at('caches'))).mode & 0o777).toBe(0o700);
    expect(await run()).toBe(right);
    const after = await stat(await keptFile());
    expect({ inode: after.ino, changed: after.mtimeMs }).toEqual({ inode: before.ino, changed: before.mtimeMs });
  });

  it('is not used for another text, even of the same length', async () => {
    await run();
    await writeFile(at('own', 'part.js'), partOf('two'));
    expect(await run()).toBe(right.replace('one', 'two'));
    expect(await run()).toBe(right.replace('one', 'two'));
  });

  it.each([
    ['cut off', (good: Buffer) => good.subarray(0, good.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['no kept code', () => Buffer.from('something else')],
    [
      'damaged',
      (good: Buffer) => {
        good.writeUInt8(good.readUInt8(good.length - 100) ^ 0xff, good.length - 100);
        return good;
      },
    ],
  ])('is replaced if it is %s', async (_, spoil) => {
    await run();
    const file = await keptFile();
    const good = await readFile(file);
    const length = good.length;
    await writeFile(file, spoil(good));
    const { ino } = await stat(file);
    expect(await run()).toBe(right);
    expect((await stat(file)).ino).not.toBe(ino);
    expect((await readFile(file)).length).toBeGreaterThan(length / 2);
    expect(await run()).toBe(right);
  });

  it('is replaced if another user may write it', async () => {
    await run();
    const file = await keptFile();
    await chmod(file, 0o666);
    expect(await run()).toBe(right);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is not needed: a program also runs if its folder cannot be made', async () => {
    await writeFile(at('caches'), '');
    expect(await run()).toBe(right);
  });

  it('is whole after several programs have written it at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => run()));
    expect(new Set(all)).toEqual(new Set([right]));
    const { ino } = await stat(await keptFile());
    expect(await run()).toBe(right);
    expect((await stat(await keptFile())).ino).toBe(ino);
  });
});
