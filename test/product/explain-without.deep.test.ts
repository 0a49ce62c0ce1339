import { expect, it } from 'vitest';
import { runCommandLine } from '../cli/command-line';
import { serverEnvironment } from '../support/schema-command';
import { useSeededDatabase } from './seeded-database';

const database = useSeededDatabase();
const schema = (...args: string[]) => runCommandLine(args, serverEnvironment(database.name));

it('`schema explain --without` tries a query on a copy without its index, and says how much was copied', async () => {
  const { exitCode, stdout } = await schema('explain', '--without', 'users.email_1');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Tested on a copy of users: all 3 documents \(.*\)\. Nothing was changed on the server\.$/m);
  expect(stdout).toMatch(/^there +user-by-email +users\.email_1 +1 +1 +1 /m);
  expect(stdout).toMatch(/^hidden +user-by-email +a scan of the whole collection +0 +[123] +1 /m);
  expect(stdout).toContain('Without users.email_1, user-by-email: it reads the whole collection.\n');
});
