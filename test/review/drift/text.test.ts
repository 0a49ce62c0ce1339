import { describe, expect, it } from 'vitest';
import { describeDrift, findDrift, type DriftReport } from '../../../src/review';
import { find, fold, fromWire, type Schema } from '../../../src/schema';
import { type LiveSchema } from '../../../src/database';
import { shop, shopSchema } from '../shop';

const head = shop.at(-1)?.name ?? '';

/** The shop's database after somebody worked on it by hand. */
function tampered(): LiveSchema {
  const orders = shopSchema()['orders'];
  const index = (name: string) => find(shopSchema(), 'index', { collection: 'orders', name });
  const view = (name: string) => find(shopSchema(), 'view', { collection: name });
  const changes = [
    fromWire({ at: ['orders', 'indexes', 'code_1'], from: index('code_1') }),
    fromWire({ at: ['orders', 'indexes', 'customer_id_1', 'hidden'], from: true }),
    fromWire({ at: ['orders', 'indexes', 'created_at_1', 'expireAfterSeconds'], from: 7_776_000, to: 60 }),
    fromWire({ at: ['orders', 'indexes', 'customer_id_1_created_at_-1'], from: index('customer_id_1_created_at_-1') }),
    fromWire({ at: ['orders', 'indexes', 'newest'], to: index('customer_id_1_created_at_-1') }),
    fromWire({ at: ['customers', 'indexes', 'age_1'], to: { key: { age: 1 } } }),
    fromWire({
      at: ['orders', 'validator'],
      from: orders?.validator,
      to: { validator: { $jsonSchema: { required: ['total'], properties: { total: { bsonType: 'number' } } } } },
    }),
    fromWire({
      at: ['coupons', 'documents', '00000000000000000000c0de'],
      from: { _id: { $oid: '00000000000000000000c0de' }, name: 'welcome', percent: 10 },
      to: { _id: { $oid: '00000000000000000000c0de' }, name: 'welcome', percent: 90 },
    }),
    fromWire({ at: ['scratch', 'options'], to: {} }),
    fromWire({ at: ['by_customer', 'view'], from: view('by_customer') }),
    fromWire({
      at: ['open_orders', 'view'],
      from: view('open_orders'),
      to: { viewOn: 'orders', pipeline: [{ $match: { status: 'open' } }, { $sort: { code: 1, created_at: -1 } }] },
    }),
    fromWire({ at: ['recent', 'view'], to: { viewOn: 'orders', pipeline: [] } }),
  ];
  const { events: _dropped, ...schema } = fold(changes, shopSchema()) as Schema & { events: unknown };
  return {
    schema,
    others: new Map([['metrics', 'timeseries']]),
    closed: new Map(),
    setAside: new Map(),
    unreadable: new Set<string>(),
    uuids: new Map(),
  };
}

function report(live: LiveSchema): DriftReport {
  const findings = findDrift(shopSchema(), live, shop);
  const drift = findings.filter(({ severity }) => severity === 'drift').length;
  return { head, findings, drift, notices: findings.length - drift };
}

describe('What drift finds', () => {
  it('is written for people', async () => {
    const text = describeDrift(report(tampered())).join('\n');
    await expect(`${text}\n`).toMatchFileSnapshot('../golden/drift.txt');
  });

  it('is written for programs', async () => {
    const text = JSON.stringify(report(tampered()), null, 2);
    await expect(`${text}\n`).toMatchFileSnapshot('../golden/drift.json');
  });

  it('is one line when there is none', () => {
    const live = {
      schema: shopSchema(),
      others: new Map<string, string>(),
      closed: new Map(),
      setAside: new Map(),
      unreadable: new Set<string>(),
      uuids: new Map(),
    };
    expect(describeDrift(report(live))).toEqual([
      'No drift: the database matches its migrations, up to 20260105000000-changes.ts.',
    ]);
    expect(describeDrift({ findings: [], drift: 0, notices: 0 })).toEqual([
      'No drift: the database matches its migrations, up to an empty history.',
    ]);
  });

  it('ends in a line that tells notices from drift', () => {
    const live = {
      schema: shopSchema(),
      others: new Map([['metrics', 'timeseries']]),
      closed: new Map(),
      setAside: new Map(),
      unreadable: new Set<string>(),
      uuids: new Map(),
    };
    expect(describeDrift(report(live)).at(-1)).toBe(
      'No drift, compared with the migrations up to 20260105000000-changes.ts. 1 notice.',
    );
  });
});
