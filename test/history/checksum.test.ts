import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksumOf, checksumOfText, readFrozen } from '../../src/project';
import { currentCommit, toolVersion, whoAmI } from '../../src/history/actor';
import { gitIn, makeRepository } from '../support/git-repository';
import { projectFolder } from '../support/project-folder';
import { typeScript } from '../support/type-script';
import { errorWith } from '../support/error-with';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'checksum-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(text: string, name = '20260101000000-a.ts'): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

const text = 'const a = 1;\nexport default a;\n';

describe('The checksum of a migration', () => {
  it('is the sha256 of its text', async () => {
    const expected = createHash('sha256').update(text).digest('hex');
    expect(checksumOfText(await fileOf(text))).toBe(expected);
    expect(checksumOf(await fileOf(text))).toBe(expected);
  });

  it('takes no notice of line ends and of a byte order mark', async () => {
    const plain = checksumOf(await fileOf(text));
    for (const same of [text.replaceAll('\n', '\r\n'), `\uFEFF${text}`, `\uFEFF${text.replaceAll('\n', '\r\n')}`]) {
      expect(checksumOf(await fileOf(same))).toBe(plain);
    }
  });

  it('takes notice of everything else, white space included', async () => {
    const plain = checksumOf(await fileOf(text));
    for (const other of [`${text}\n`, text.replace('1', '2'), text.replace('= 1', '=  1'), text.trimEnd()]) {
      expect(checksumOf(await fileOf(other))).not.toBe(plain);
    }
  });

  it('is, for compiled code, the one that its source was frozen with', async () => {
    await fileOf(JSON.stringify({ '20260101000000-a.ts': { text: 'frozen', changes: '' } }), 'frozen.json');
    expect(checksumOf(await fileOf('"use strict";', '20260101000000-a.js'))).toBe('frozen');
  });

  it('is an error for compiled code that was never frozen', async () => {
    const file = await fileOf('', '20260102000000-b.js');
    expect(() => checksumOf(file)).toThrow(
      errorWith({ summary: 'frozen.json has no entry for 20260102000000-b.ts', fix: 'run `npm run snapshot`' }),
    );
    await rm(path.join(folder, 'frozen.json'), { force: true });
    expect(readFrozen(folder)).toEqual({});
    expect(() => checksumOf(file)).toThrow(/has no entry for/);
  });
});

describe('An event says who made it, with what', () => {
  it('names the host, the user and the process', () => {
    expect(whoAmI()).toEqual({
      host: expect.stringMatching(/./) as string,
      user: expect.stringMatching(/./) as string,
      pid: process.pid,
    });
    expect(toolVersion()).toMatch(/^\d+\.\d+\.\d+/);
  });

  describe('The commit', () => {
    let root = '';
    let commit = '';
    const repository = () => path.join(root, 'repository');
    beforeAll(async () => {
      root = await mkdtemp(path.join(tmpdir(), 'commit-'));
      const migrations = path.join(repository(), 'migrations');
      await mkdir(migrations, { recursive: true });
      await writeFile(path.join(migrations, '20260101000000-a.ts'), text);
      commit = await (await makeRepository(repository()))('rev-parse', 'HEAD');
    });
    afterAll(() => rm(root, { recursive: true }));

    it('is the one that is checked out where the migrations lie, anywhere in the repository', () => {
      expect(commit).toMatch(/^[0-9a-f]{40}$/);
      expect(currentCommit(repository())).toBe(commit);
      expect(currentCommit(path.join(repository(), 'migrations'))).toBe(commit);
    });

    it('is none in a folder without git, in a repository without a commit, and where there is no folder', async () => {
      const empty = path.join(root, 'empty');
      await mkdir(empty);
      expect(currentCommit(empty)).toBeUndefined();
      await gitIn(empty)('init', '--quiet');
      expect(currentCommit(empty)).toBeUndefined();
      expect(currentCommit(path.join(root, 'nowhere'))).toBeUndefined();
    });

    /** What a process with this environment finds. */
    const commitIn = async (env: Record<string, string>) => {
      const actor = path.join(projectFolder, 'src', 'history', 'actor');
      const program = `console.log(require(${JSON.stringify(actor)}).currentCommit(${JSON.stringify(repository())}))`;
      return (await execa(process.execPath, [...typeScript, '-e', program], { env, extendEnv: false })).stdout;
    };

    it('is the one that SCHEMA_COMMIT names, when it is set', async () => {
      const { PATH = '' } = process.env;
      expect(await commitIn({ PATH, SCHEMA_COMMIT: 'abc123' })).toBe('abc123');
      expect(await commitIn({ PATH, SCHEMA_COMMIT: '' })).toBe(commit);
    });

    it('is none where git is not installed', async () => {
      expect(await commitIn({ PATH: root })).toBe('undefined');
    });
  });
});
