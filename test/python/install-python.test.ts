import { chmod, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../support/project-folder';
import { findPython, temporaryFolder, usePython } from './python';

const script = path.join(projectFolder, 'scripts', 'install_python.sh');
const { PATH = '', HOME = '' } = process.env;

usePython();

describe('scripts/install_python.sh', () => {
  it('finds again what it has made, without a word', async () => {
    const python = await findPython();
    const { stdout, stderr } = await execa(script, ['--check']);
    expect({ stdout, stderr }).toEqual({ stdout: python, stderr: '' });
  });

  it.each([
    ['no Python', undefined],
    ['one that is too old', '#!/bin/sh\necho "python3 is 3.10" >&2; exit 1\n'],
  ])('says what to install where there is %s, and makes nothing', async (_, text) => {
    const cache = await temporaryFolder();
    const python = path.join(await temporaryFolder(), 'python');
    if (text !== undefined) {
      await writeFile(python, text);
      await chmod(python, 0o755);
    }
    const env = { PATH, HOME, PYTHON: python, SENTIMATRIX_CACHE: cache };
    const { exitCode, stdout, stderr } = await execa(script, { env, extendEnv: false, reject: false });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/3\.11 or later[^]*python3-venv/);
    expect(await readdir(cache)).toEqual([]);
  });
});
