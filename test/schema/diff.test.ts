import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  diff,
  emptySchema,
  fold,
  inverse,
  fromWire,
  toWire,
  type Change,
  type Index,
  type Schema,
} from '../../src/schema';
import { seed } from '../support/seed';
import { schemas } from './arbitraries';

const withIndexes = (indexes: Readonly<Record<string, Index>>): Schema => ({
  users: { options: {}, indexes, documents: {} },
});

describe('The difference between two schemas', () => {
  it('leads from the one to the other', () => {
    fc.assert(
      fc.property(schemas, schemas, (before, after) => {
        expect(canonicalJson(fold(diff(before, after), before))).toBe(canonicalJson(after));
      }),
      { numRuns: 500, seed },
    );
  });

  it('leads back when it is inverted', () => {
    fc.assert(
      fc.property(schemas, schemas, (before, after) => {
        expect(canonicalJson(fold(inverse(diff(before, after)), after))).toBe(canonicalJson(before));
      }),
      { numRuns: 500, seed },
    );
  });

  it('is empty exactly when both have the same canonical text', () => {
    fc.assert(
      fc.property(schemas, schemas, (before, after) => {
        expect(diff(before, before)).toEqual([]);
        expect(diff(before, after).length === 0).toBe(canonicalJson(before) === canonicalJson(after));
      }),
      { seed },
    );
  });

  it('is one change of the attribute where only seconds or hiding differ', () => {
    const changes = diff(
      withIndexes({ ttl: { key: { a: 1 }, expireAfterSeconds: 60 } }),
      withIndexes({ ttl: { key: { a: 1 }, expireAfterSeconds: 90, hidden: true } }),
    );
    expect(changes).toEqual([
      fromWire({ at: ['users', 'indexes', 'ttl', 'expireAfterSeconds'], from: 60, to: 90 }),
      fromWire({ at: ['users', 'indexes', 'ttl', 'hidden'], to: true }),
    ]);
  });

  it('changes the whole index where a TTL appears or goes, which no attribute can', () => {
    const [plain, expiring] = [
      withIndexes({ i: { key: { a: 1 } } }),
      withIndexes({ i: { key: { a: 1 }, expireAfterSeconds: 1 } }),
    ];
    expect(diff(plain, expiring)).toEqual([
      fromWire({
        at: ['users', 'indexes', 'i'],
        from: { key: { a: 1 } },
        to: { key: { a: 1 }, expireAfterSeconds: 1 },
      }),
    ]);
    expect(diff(expiring, plain)).toEqual(inverse(diff(plain, expiring)));
  });

  it('drops an index before it makes an equal one under another name', () => {
    const changes = diff(withIndexes({ z: { key: { a: 1 } } }), withIndexes({ b: { key: { a: 1 } } }));
    expect(changes.map((change) => toWire(change).at[2])).toEqual(['z', 'b']);
  });

  it('takes both indexes away before it makes them anew where two have swapped their keys', () => {
    const before = withIndexes({ x: { key: { a: 1 } }, y: { key: { b: 1 } } });
    const after = withIndexes({ x: { key: { b: 1 } }, y: { key: { a: 1 } } });
    const shape = (change: Change) => `${change.to ? 'create' : 'drop'} ${String(toWire(change).at[2])}`;
    expect(diff(before, after).map(shape)).toEqual(['drop x', 'drop y', 'create x', 'create y']);
    expect(fold(diff(before, after), before)).toEqual(after);
  });

  it('empties a collection before it drops it, and creates one before it fills it', () => {
    const full = fold([
      fromWire({ at: ['users', 'options'], to: {} }),
      fromWire({ at: ['users', 'validator'], to: { validator: { a: 1 } } }),
      fromWire({ at: ['users', 'indexes', 'a_1'], to: { key: { a: 1 } } }),
      fromWire({ at: ['users', 'documents', '1'], to: { _id: 1 } }),
    ]);
    expect(diff(full, emptySchema).map((change) => toWire(change).at[1])).toEqual([
      'validator',
      'indexes',
      'documents',
      'options',
    ]);
    expect(diff(emptySchema, full).map((change) => toWire(change).at[1])).toEqual([
      'options',
      'validator',
      'indexes',
      'documents',
    ]);
  });
});
