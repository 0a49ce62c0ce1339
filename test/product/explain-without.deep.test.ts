import { beforeAll, expect, it } from 'vitest';
import { fill } from '../../seeders/run/fill';
import { startOfDay } from '../../seeders/world';
import { runCommandLine } from '../cli/command-line';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { serverEnvironment } from '../support/schema-command';

const database = useDatabase();
beforeAll(async () => {
  await deployProduct(database);
  const size = { users: 3, projects: 2, results: 200 };
  await fill(database.db, { seed: 1, size, now: startOfDay(new Date()), passwordHash: 'a hash' }, {});
});
const schema = (...args: string[]) => runCommandLine(args, serverEnvironment(database.name));

it('`schema explain --without` tries a query on a copy without its index, and says how much was copied', async () => {
  const { exitCode, stdout } = await schema('explain', '--without', 'users.email_1');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Tested on a copy of users: all 3 documents \(.*\)\. Nothing was changed on the server\.$/m);
  expect(stdout).toMatch(/^there +user-by-email +users\.email_1 +1 +1 +1 /m);
  expect(stdout).toMatch(/^hidden +user-by-email +a scan of the whole collection +0 +[123] +1 /m);
  expect(stdout).toContain('Without users.email_1, user-by-email: it reads the whole collection.\n');
});
