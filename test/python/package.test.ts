import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { shownPrograms } from './package';
import { runPython, usePython } from './python';

usePython();
const database = useDatabase();
beforeAll(() => deployProduct(database));

describe('The package for Python', () => {
  it('passes its own tests, on the server', async () => {
    const env = { SERVER: database.url, DATABASE: database.name };
    const { exitCode, stdout } = await runPython(['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests'], {
      env,
      reject: false,
    });
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  });

  it('does what docs/applications.md shows', async () => {
    const programs = await shownPrograms('applications.md');
    expect(programs.length).toBeGreaterThan(2);
    const env = { MONGODB_URL: database.url, MONGODB_DATABASE: database.name };
    for (const { program, prints } of programs) {
      const { stdout } = await runPython(['-W', 'error', '-c', program], { env });
      expect(String(stdout).split('\n')).toEqual(prints);
    }
  });
});
