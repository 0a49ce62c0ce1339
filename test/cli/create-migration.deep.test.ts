import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMigration } from './create-migration';
import { ProjectCopy } from './project-copy';

let project: ProjectCopy;
beforeAll(async () => {
  project = await ProjectCopy.make();
});
afterAll(() => project.remove());

it('What migrate-mongo creates passes the compiler', async () => {
  const name = await createMigration(project, 'add user notes');
  const config = { extends: './tsconfig.json', include: [], files: [`migrations/${name}`] };
  await project.write('one.tsconfig.json', JSON.stringify(config));
  const compiled = await project.run('node_modules/.bin/tsc', ['-p', 'one.tsconfig.json']);
  expect(compiled).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});
