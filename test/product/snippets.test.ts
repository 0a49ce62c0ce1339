import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProjectCopy } from '../cli/project-copy';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { serverEnvironment } from '../support/schema-command';
import { typeScript } from '../support/type-script';
import { shownSnippets } from './snippets';

const database = useDatabase();
let checkout: ProjectCopy;
beforeAll(async () => {
  await deployProduct(database);
  checkout = await ProjectCopy.make();
});
afterAll(() => checkout.remove());

it('The programs in TypeScript that docs/applications.md shows print what it says', async () => {
  const snippets = await shownSnippets('applications.md');
  expect(snippets.length).toBeGreaterThan(1);
  for (const [at, { text, prints }] of snippets.entries()) {
    await checkout.write(`snippet-${at}.ts`, text);
    const args = ['-C', 'sentimatrix-sources', ...typeScript, `snippet-${at}.ts`];
    const { exitCode, stdout, stderr } = await checkout.run('node', args, serverEnvironment(database.name));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual(prints);
  }
});
