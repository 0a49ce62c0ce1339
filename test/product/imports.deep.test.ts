import path from 'node:path';
import { ESLint, Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../support/project-folder';

const rule = 'no-restricted-syntax';

/** What the linter says to a file of the project that holds this text, by the one rule that is tested here. */
async function lint(file: string, text: string): Promise<string[]> {
  const config = (await new ESLint({ cwd: projectFolder }).calculateConfigForFile(path.join(projectFolder, file))) as {
    readonly rules?: Readonly<Record<string, Linter.RuleEntry>>;
  };
  const entry = config.rules?.[rule] ?? 'off';
  return new Linter().verify(text, { rules: { [rule]: entry } }).map(({ message, line }) => `${line}: ${message}`);
}

const refusal = expect.stringMatching(/^1: This is code of the product, but the test is about the tool\./) as string;

describe('The linter', () => {
  it.each([
    ['test/config.test.ts', "import '../migrations/20261123100000-collections';"],
    ['test/config.test.ts', "import './support/product';"],
    ['test/deploy/deploy.test.ts', "import { productFolder } from '../support/product';"],
    ['test/deploy/deploy.test.ts', "export * from '../../migrations/20261123100000-collections';"],
    ['test/review/lint/judge.ts', "const later = () => import('../../../migrations/20261123100000-collections');"],
    ['test/review/lint/judge.ts', "import '../../support/product';"],
    ['test/support/fixture.ts', "import './product';"],
  ])("keeps the product's own out of %s: %s", async (file, text) => {
    expect(await lint(file, text)).toEqual([refusal]);
  });

  it.each([
    ['test/migrations/replay.test.ts', "import '../support/product';"],
    ['test/product/baseline.test.ts', "import '../../migrations/20261123100000-collections';"],
    ['test/seeders/command.test.ts', "import '../support/product';"],
    // These are migrations of its own.
    ['test/faults/points.ts', "import './migrations/20260101000000-collections';"],
    ['test/review/lint/judge.ts', "import '../../migrations/planned';"],
    ['src/deploy/project.ts', "import '../../migrations/20261123100000-collections';"],
  ])('says nothing of it in %s: %s', async (file, text) => {
    expect(await lint(file, text)).toEqual([]);
  });
});
