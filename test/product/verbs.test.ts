import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { verbsOfProgram } from '../cli/command-line';
import { projectFolder } from '../support/project-folder';

it('The README or a page in docs shows a command of every verb', async () => {
  const pages = (await readdir(path.join(projectFolder, 'docs'))).filter((file) => file.endsWith('.md'));
  const files = ['README.md', ...pages.map((page) => path.join('docs', page))];
  const text = (await Promise.all(files.map((file) => readFile(path.join(projectFolder, file), 'utf8')))).join('\n');
  const isShown = (verb: string) => new RegExp(`npm run (?:--silent )?(?:schema -- )?${verb}\\b`).test(text);
  expect(verbsOfProgram().filter(({ name }) => name !== 'help' && !isShown(name))).toEqual([]);
});
