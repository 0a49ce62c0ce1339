import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProjectCopy } from '../cli/project-copy';
import { shownSnippets } from './snippets';

let checkout: ProjectCopy;
beforeAll(async () => {
  checkout = await ProjectCopy.make();
});
afterAll(() => checkout.remove());

it('The programs in TypeScript that docs/applications.md shows compile, and what they call an error is one', async () => {
  const files: string[] = [];
  for (const [at, { text }] of (await shownSnippets('applications.md')).entries()) {
    files.push(`snippet-${at}.ts`);
    await checkout.write(`snippet-${at}.ts`, text);
  }
  await checkout.write('snippets.json', JSON.stringify({ extends: './tsconfig.json', include: [], files }));
  expect((await checkout.run('node_modules/.bin/tsc', ['-p', 'snippets.json'])).stdout).toBe('');
});
