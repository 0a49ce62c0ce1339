import { createHash } from 'node:crypto';
import { cp, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { projectFolder } from '../support/project-folder';
import { findPython, packageFolder, runPython, temporaryFolder } from './python';

export interface Wheel {
  readonly file: string;
  readonly sha256: string;
}

/** Builds the wheel from a copy of the package, whose files have the time of the copy. */
export async function buildWheel(): Promise<Wheel> {
  const folder = await temporaryFolder();
  await cp(packageFolder, path.join(folder, 'python'), { recursive: true });
  const to = path.join(folder, 'dist');
  await runPython(['-m', 'hatchling', 'build', '-t', 'wheel', '-d', to], { cwd: path.join(folder, 'python') });
  const [name, ...others] = await readdir(to);
  if (name === undefined || others.length > 0)
    throw new Error(`there is not one wheel: ${[name, ...others].join(', ')}`);
  const file = path.join(to, name);
  return {
    file,
    sha256: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  };
}

/** What the two strict type checkers say of the package and of further files. Nothing, when all is well. */
export async function typeProblems(...files: readonly string[]): Promise<string> {
  const options = { reject: false, env: { MYPYPATH: path.join(packageFolder, 'src') } } as const;
  const mypy = await runPython(
    ['-m', 'mypy', '--no-error-summary', ...(files.length > 0 ? ['--strict', ...files] : [])],
    options,
  );
  const pyright = path.join(projectFolder, 'node_modules', '.bin', 'pyright');
  const args = ['--pythonpath', await findPython(), '--project', path.join(packageFolder, 'pyproject.toml')];
  const checked = await execa(pyright, args, { cwd: packageFolder, reject: false });
  const said = checked.stdout.split('\n').filter((line) => !line.startsWith('0 errors'));
  return [String(mypy.stdout), ...said].join('\n').trim();
}

/** The programs in Python that a page shows, each with the lines that it says it prints. */
export async function shownPrograms(page: string): Promise<{ program: string; prints: string[] }[]> {
  const text = await readFile(path.join(projectFolder, 'docs', page), 'utf8');
  return [...text.matchAll(/^```python\n([^]*?)^```$/gm)].map(([, program = '']) => ({
    program,
    prints: [...program.matchAll(/# → (.*)$/gm)].map(([, line = '']) => line),
  }));
}
