import { describe, expect, it } from 'vitest';
import { fromWire, toWire, type Kind, type WireChange } from '../../src/schema';

const forms: { readonly [K in Kind]: WireChange } = {
  collection: { at: ['users', 'options'], to: { capped: true, size: 4096 } },
  'collection.name': { at: ['users', 'name', 'people'], from: 'users', to: 'people' },
  validator: { at: ['users', 'validator'], from: { validator: { a: 1 } } },
  index: { at: ['users', 'indexes', 'a.b_1'], from: { key: { 'a.b': 1 } }, to: { key: { 'a.b': -1 } } },
  'index.expireAfterSeconds': { at: ['users', 'indexes', 'a_1', 'expireAfterSeconds'], from: 60, to: 0 },
  'index.hidden': { at: ['users', 'indexes', 'a_1', 'hidden'], from: true },
  'index.unique': { at: ['users', 'indexes', 'a_1', 'unique'], to: true },
  document: { at: ['users', 'documents', '"free"'], to: { _id: 'free' } },
  view: { at: ['active', 'view'], to: { viewOn: 'users', pipeline: [{ $match: { active: true } }] } },
};

describe('The wire form of a change', () => {
  it.each(Object.entries(forms))('of the kind %s comes back as it was, its properties in order', (kind, form) => {
    const change = fromWire(form);
    expect(change.kind).toBe(kind);
    expect(JSON.stringify(toWire(change))).toBe(JSON.stringify(form));
  });

  it.each([
    [['users']],
    [['users', 'rows']],
    [['users', 'options', 'capped']],
    [['users', 'indexes']],
    [['users', 'indexes', 'a_1', 'sparse']],
    [['users', 'indexes', 'a_1', 'hidden', 'x']],
    [['users', 'documents']],
  ])('is refused where no kind has the place %j', (at) => {
    expect(() => fromWire({ at })).toThrow(`Nothing in a schema has the place ${at.join('.')} (FOLD)`);
  });
});
