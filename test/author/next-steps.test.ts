import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFolders } from '../../src/cli/folders';
import { nextSteps } from '../../src/cli/next-steps';

const product = findFolders({});
const report = { migrations: [path.join(product.migrations, '20270101000000-by-url.ts')], toFillIn: [] };
const commands = (isIndex: boolean, folders = product) =>
  nextSteps(report, folders, { isIndex }).map(({ command }) => command);

describe('What is left after `schema new`', () => {
  it('is to test, lint, freeze and check the migration', () => {
    expect(commands(false)).toEqual([
      'npm run test:migration -- 20270101000000-by-url',
      'npm run lint:migrations -- --base origin/main',
      'npm run snapshot',
      'npm run check',
    ]);
  });

  it('begins with an optional entry in queries.ts for an index', () => {
    expect(commands(true)).toEqual(['${EDITOR:-vi} queries.ts', ...commands(false)]);
    expect(commands(true, { ...product, project: product.schema })).toEqual(commands(false));
  });

  it('is to freeze the migration in another project', () => {
    const { docs: _docs, ...other } = product;
    expect(commands(true, other)).toEqual(['npm run schema -- snapshot --migrations migrations']);
  });
});
