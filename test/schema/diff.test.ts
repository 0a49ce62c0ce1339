import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, diff, emptySchema, fold, inverse, type Change, type Index, type Schema } from '../../src/schema';
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
      { numRuns: 500 },
    );
  });

  it('leads back when it is inverted', () => {
    fc.assert(
      fc.property(schemas, schemas, (before, after) => {
        expect(canonicalJson(fold(inverse(diff(before, after)), after))).toBe(canonicalJson(before));
      }),
      { numRuns: 500 },
    );
  });

  it('is empty exactly when both have the same canonical text', () => {
    fc.assert(
      fc.property(schemas, schemas, (before, after) => {
        expect(diff(before, before)).toEqual([]);
        expect(diff(before, after).length === 0).toBe(canonicalJson(before) === canonicalJson(after));
      }),
    );
  });

  it('is one change of the attribute where only seconds or hiding differ', () => {
    const changes = diff(
      withIndexes({ ttl: { key: { a: 1 }, expireAfterSeconds: 60 } }),
      withIndexes({ ttl: { key: { a: 1 }, expireAfterSeconds: 90, hidden: true } }),
    );
    expect(changes).toEqual([
      { at: ['users', 'indexes', 'ttl', 'expireAfterSeconds'], from: 60, to: 90 },
      { at: ['users', 'indexes', 'ttl', 'hidden'], to: true },
    ]);
  });

  it('changes the whole index where a TTL appears or goes, which no attribute can', () => {
    const [plain, expiring] = [withIndexes({ i: { key: { a: 1 } } }), withIndexes({ i: { key: { a: 1 }, expireAfterSeconds: 1 } })];
    expect(diff(plain, expiring)).toEqual([
      { at: ['users', 'indexes', 'i'], from: { key: { a: 1 } }, to: { key: { a: 1 }, expireAfterSeconds: 1 } },
    ]);
    expect(diff(expiring, plain)).toEqual(inverse(diff(plain, expiring)));
  });

  it('drops an index before it makes an equal one under another name', () => {
    const changes = diff(withIndexes({ z: { key: { a: 1 } } }), withIndexes({ b: { key: { a: 1 } } }));
    expect(changes.map(({ at }) => at[2])).toEqual(['z', 'b']);
  });

  it('takes both indexes away before it makes them anew where two have swapped their keys', () => {
    const before = withIndexes({ x: { key: { a: 1 } }, y: { key: { b: 1 } } });
    const after = withIndexes({ x: { key: { b: 1 } }, y: { key: { a: 1 } } });
    const shape = ({ at, to }: Change) => `${to ? 'create' : 'drop'} ${String(at[2])}`;
    expect(diff(before, after).map(shape)).toEqual(['drop x', 'drop y', 'create x', 'create y']);
    expect(fold(diff(before, after), before)).toEqual(after);
  });

  it('empties a collection before it drops it, and creates one before it fills it', () => {
    const full = fold([
      { at: ['users', 'options'], to: {} },
      { at: ['users', 'validator'], to: { validator: { a: 1 } } },
      { at: ['users', 'indexes', 'a_1'], to: { key: { a: 1 } } },
      { at: ['users', 'documents', '1'], to: { _id: 1 } },
    ]);
    expect(diff(full, emptySchema).map(({ at }) => at[1])).toEqual(['validator', 'indexes', 'documents', 'options']);
    expect(diff(emptySchema, full).map(({ at }) => at[1])).toEqual(['options', 'validator', 'indexes', 'documents']);
  });
});
