import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { useDatabase } from '../support/database';
import { deployProduct, productMigrations } from '../support/product';
import { serverEnvironment } from '../support/schema-command';
import { consumer } from './consumer';
import { buildWheel, shownPrograms, typeProblems } from './package';
import { packageFolder, runPython, temporaryFolder, usePython } from './python';

usePython();
const database = useDatabase();

describe('The package for Python', () => {
  it('has nothing that mypy or Pyright refuse in their strictest form', async () => {
    expect(await typeProblems()).toBe('');
  });

  it('gives applications types that mypy takes, as docs/applications.md shows them', async () => {
    const folder = await temporaryFolder();
    const files = (await shownPrograms('applications.md')).map(({ program }, at) => ({
      file: path.join(folder, `program_${at}.py`),
      program,
    }));
    for (const { file, program } of files) await writeFile(file, program);
    expect(await typeProblems(...files.map(({ file }) => file))).toBe('');
  });

  it('is built into the same wheel each time, which holds its sources and can be installed', async () => {
    const [first, second] = [await buildWheel(), await buildWheel()];
    expect(second.sha256).toBe(first.sha256);
    const target = await temporaryFolder();
    await runPython([
      '-m',
      'pip',
      'install',
      '-q',
      '--no-compile',
      '--no-deps',
      '--no-index',
      '--target',
      target,
      first.file,
    ]);
    const script =
      'import sentimatrix_schema.models as m, pathlib; p = pathlib.Path(m.__file__).parent; print(*sorted(f.name for f in p.iterdir()))';
    const { stdout } = await runPython(['-c', script], {}, target);
    expect(String(stdout).split(' ')).toEqual([
      '__init__.py',
      'bson_equality.py',
      'codec.py',
      'connection.py',
      'documents.py',
      'health.py',
      'models.py',
      'py.typed',
      'values.py',
    ]);
  });

  it('works for an application that installs the wheel into a new environment', async () => {
    const folder = await temporaryFolder();
    const { PATH = '', HOME = '' } = process.env;
    const python = (args: readonly string[]) =>
      execa(path.join(folder, 'environment', 'bin', 'python'), args, {
        cwd: folder,
        env: { PATH, HOME, ...serverEnvironment(database.name) },
        extendEnv: false,
      });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
    await runPython(['-m', 'venv', path.join(folder, 'environment')]);
    await python([...install, '--require-hashes', '-r', path.join(packageFolder, 'requirements-run.txt')]);
    await python([...install, '--no-deps', (await buildWheel()).file]);
    expect((await python(['-m', 'pip', 'check'])).stdout).toBe('No broken requirements found.');

    await deployProduct(database);
    const newest = productMigrations().at(-1)?.name;
    await database.db.collection('changelog').deleteOne({ fileName: newest });
    await writeFile(path.join(folder, 'consumer.py'), consumer);
    const { stdout } = await python(['consumer.py']);
    expect(JSON.parse(stdout)).toEqual(['ada@example.com', true, 'connected', 1]);
  });
});
