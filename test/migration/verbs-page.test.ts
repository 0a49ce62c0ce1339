import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { foldMigrations, migration, type Step } from '../../src/migration';
import * as verbs from '../../src/migration/verbs';
import { canonicalJson } from '../../src/schema';
import { useDatabase } from '../support/database';
import { liveSchema } from '../support/migrations';
import { runSteps } from '../support/run-steps';

const { createCollections, createIndexes, createView, addValidator, insertDocuments } = verbs;

const page = readFileSync(path.resolve(__dirname, '../../docs/verbs.md'), 'utf8');

/** The examples of the page, by verb. */
const examples = new Map(
  [...page.matchAll(/^### (\w+)\n(?:(?!^### )[^])*?^```ts\n([^]*?)^```/gm)].map(([, verb = '', text = '']) => [
    verb,
    text,
  ]),
);

const openOrders = { on: 'orders', pipeline: [{ $match: { status: 'open' } }] };
const score = { name: 'score_1', key: { score: 1 }, serves: 'results by score' } as const;
const created = {
  name: 'created_at_1',
  key: { created_at: 1 },
  serves: 'old logs',
  expireAfterSeconds: 31_536_000,
} as const;
const auditLogs = [createCollections('audit_logs'), createIndexes('audit_logs', [created])];
const results = [createCollections('results'), createIndexes('results', [score])];
const plans = [createCollections('plans')];

/** What has to be there before the example of a verb. */
const before: Readonly<Record<string, readonly Step[]>> = {
  createCollections: [],
  changeCollection: [createCollections({ name: 'events', capped: true, size: 4096 })],
  dropCollection: [createCollections('drafts')],
  renameCollection: [createCollections('accounts')],
  createTimeSeries: [],
  createIndexes: [createCollections('results')],
  dropIndexes: results,
  changeTtl: auditLogs,
  makeUnique: [
    createCollections('users'),
    createIndexes('users', [{ name: 'email_1', key: { email: 1 }, serves: 'logging in' }]),
  ],
  hideIndex: results,
  showIndex: [createCollections('results'), createIndexes('results', [{ ...score, hidden: true }])],
  changeTextIndex: [
    createCollections('articles'),
    createIndexes('articles', [{ name: 'search', key: { title: 'text', body: 'text' }, serves: 'search' }]),
  ],
  addValidator: [createCollections('users')],
  changeValidator: [createCollections('users'), addValidator('users', { $jsonSchema: { required: ['email'] } })],
  removeValidator: [createCollections('drafts'), addValidator('drafts', { $jsonSchema: { required: ['text'] } })],
  createView: [createCollections('orders')],
  changeView: [createCollections('orders'), createView('open_orders', openOrders)],
  dropView: [createCollections('orders'), createView('open_orders', openOrders)],
  insertDocuments: plans,
  updateDocuments: [...plans, insertDocuments('plans', [{ _id: 'free', seats: 1 }])],
  removeDocuments: [...plans, insertDocuments('plans', [{ _id: 'trial', days: 14 }])],
  backfill: [createCollections('products')],
  dropField: [createCollections('results')],
  removeDuplicates: [createCollections('users')],
  renameField: [createCollections('results')],
  run: [createCollections('pictures')],
  suppress: auditLogs,
};

/** The steps that the example of a verb makes. */
function stepsOf(verb: string): readonly Step[] {
  const example = examples.get(verb);
  if (example === undefined) expect.fail(`docs/verbs.md has no example of ${verb}`);
  const make = compileFunction(`return [${example}]`, Object.keys(verbs)) as (...all: unknown[]) => readonly Step[];
  return make(...Object.values(verbs));
}

describe('The page of verbs', () => {
  const used = useDatabase();

  it('has an example of every verb that a migration can import, and of no other', () => {
    expect([...examples.keys()].sort()).toEqual(Object.keys(verbs).sort());
    expect(Object.keys(before).sort()).toEqual(Object.keys(verbs).sort());
  });

  it.each(Object.keys(before))('has an example of %s that leads a server there, and back', async (verb) => {
    const { db } = used;
    await db.dropDatabase();
    const steps = before[verb] ?? [];
    const former = steps.length === 0 ? [] : [migration('20260101000000-before.ts', ...steps)];
    const own = migration('20260102000000-example.ts', ...stepsOf(verb));
    for (const one of former) await runSteps(db, one.steps);
    await runSteps(db, own.steps);
    const all = [...former, own];
    expect(canonicalJson(await liveSchema(db, all))).toBe(canonicalJson(foldMigrations(all)));
    if (verb === 'dropField') {
      await expect(runSteps(db, own.steps, 'down')).rejects.toThrow('cannot be rolled back');
      return;
    }
    await runSteps(db, own.steps, 'down');
    expect(canonicalJson(await liveSchema(db, former))).toBe(canonicalJson(foldMigrations(former)));
  });
});
