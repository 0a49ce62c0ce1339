import { expect } from 'vitest';
import type { CollectionName } from '../../models';
import type { TestDatabase } from '../support/database';
import { productFolder } from '../support/product';
import { startSchema } from '../support/running-command';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';

interface Size {
  readonly users: number;
  readonly projects: number;
  readonly results: number;
}

const product = { folder: productFolder };

/** Kills a seed once the first documents of a collection are there, and expects that another run makes the rest. */
export async function completeKilledSeed(database: TestDatabase, name: CollectionName, size: Size): Promise<void> {
  const env = serverEnvironment(database.name);
  const numbers = Object.entries(size).flatMap(([option, number]) => [`--${option}`, String(number)]);
  const args = ['seed', '--force', ...numbers];
  const collection = database.db.collection(name);
  const running = startSchema(product, env, args);
  await expect.poll(() => collection.estimatedDocumentCount(), { timeout: 60_000, interval: 10 }).toBeGreaterThan(0);
  running.send('SIGKILL');
  await running.ended;

  const left = await collection.countDocuments();
  const again = await runSchema(product, [...args, '--json'], env);
  expect(again.exitCode, again.stderr).toBe(0);
  const report = documentOf(again) as {
    readonly added: number;
    readonly collections: Readonly<Record<string, { readonly added: number; readonly present: number }>>;
  };
  expect(report.added).toBeGreaterThan(0);
  expect(report.collections[name]?.present).toBeGreaterThanOrEqual(left);
  const total = size.users * size.projects * size.results;
  const { added = 0, present = 0 } = report.collections['results'] ?? {};
  expect(added + present).toBe(total);
  expect(added).toBeGreaterThan(0);
  expect(await database.db.collection('results').countDocuments()).toBe(total);
  await runSchema(product, ['seed', '--force', '--clear'], env);
}
