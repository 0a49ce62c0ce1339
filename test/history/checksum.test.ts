import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksumOf, checksumOfText, readFrozen } from '../../src/history';
import { currentCommit, toolVersion, whoAmI } from '../../src/history/actor';

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
    expect(() => checksumOf(file)).toThrow(/frozen\.json does not know 20260102000000-b\.ts: run `npm run snapshot`/);
    await rm(path.join(folder, 'frozen.json'), { force: true });
    expect(readFrozen(folder)).toEqual({});
    expect(() => checksumOf(file)).toThrow(/does not know/);
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

  it('names the commit that the environment tells, else that of the checkout', () => {
    const before = process.env['SCHEMA_COMMIT'];
    try {
      process.env['SCHEMA_COMMIT'] = 'abc123';
      expect(currentCommit()).toBe('abc123');
      delete process.env['SCHEMA_COMMIT'];
      // Undefined in an unpacked archive.
      expect(currentCommit() ?? '0'.repeat(40)).toMatch(/^[0-9a-f]{40}$/);
    } finally {
      if (before !== undefined) process.env['SCHEMA_COMMIT'] = before;
    }
  });
});
