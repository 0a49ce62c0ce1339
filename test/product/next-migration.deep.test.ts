import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ProjectCopy } from '../cli/project-copy';
import { addNextMigrations } from './next-migrations';
import { testsOfTheProduct } from './tests-of-the-product';

let checkout: ProjectCopy;
let added: string[];
beforeAll(async () => {
  checkout = await ProjectCopy.makeWhole();
  added = await addNextMigrations(checkout);
});
afterAll(() => checkout.remove());

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Runs tests of the checkout, on the server that this test runs on. */
async function runTests(files: readonly string[], env: Readonly<Record<string, string>>): Promise<Results> {
  const kept = ['CI', 'XDG_CACHE_HOME', 'MONGOD', 'TEST_MONGODB_VERSION'].map((name) => [name, process.env[name]]);
  const present = Object.fromEntries(kept.filter(([, value]) => value !== undefined)) as Record<string, string>;
  const args = ['run', '--maxWorkers=2', '--reporter=json', '--outputFile=results.json', ...files];
  const started = performance.now();
  const { stdout, stderr } = await checkout.run('node_modules/.bin/vitest', args, {
    ...present,
    ...env,
    TEST_MONGODB_URL: inject('mongodb').url,
  });
  const text = await checkout
    .read('results.json')
    .catch(() => expect.fail(`vitest did not run:\n${stdout}\n${stderr}`));
  const results = JSON.parse(text) as Results;
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${results.testResults.length} files, ${results.numPassedTests} tests passed, in ${seconds} s`);
  return results;
}

function failuresIn({ testResults }: Results): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed');
    const ofTests = failed.map(({ fullName, failureMessages = [] }) => `${fullName}: ${failureMessages.join('\n')}`);
    return status === 'failed' ? [`${name}: ${message}`, ...ofTests] : ofTests;
  });
}

function expectAllToPass(results: Results, files: readonly string[]): void {
  expect(failuresIn(results)).toEqual([]);
  expect(results).toMatchObject({ success: true, numFailedTests: 0 });
  expect(results.testResults.map(({ name }) => name).sort()).toEqual(files.map((file) => checkout.path(file)));
  expect(results.numPassedTests).toBeGreaterThan(files.length);
}

describe('The next three migrations, an index, a collection and a data step,', { timeout: 900_000 }, () => {
  it('are frozen by a snapshot', async () => {
    const { exitCode, stdout, stderr } = await checkout.run('npm', ['run', '--silent', 'snapshot']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(added.map((name) => `new       ${name}\n`).join(''));
    expect((await checkout.run('npm', ['run', '--silent', 'check:snapshot'])).exitCode).toBe(0);
  });

  // In one run: a test that these migrations break fails, and so does one that believes the shell or a .env.
  it('leave all tests green that see the migrations of the product, where shell and .env name a server that does not exist', async () => {
    const elsewhere = { MONGODB_URL: 'mongodb://no-such-server.invalid:27017', MONGODB_DATABASE: 'no_such_database' };
    await checkout.write(
      '.env',
      Object.entries(elsewhere)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const files = testsOfTheProduct(checkout.folder);
    expect(files).toEqual(expect.arrayContaining(['test/migrations/replay.test.ts', 'test/docker/roles.test.ts']));
    expectAllToPass(await runTests(files, elsewhere), files);
  });
});
