import { BSON, Decimal128, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalView, diff, equal, fromPlain, stagesIn, toPlain, type Schema } from '../../src/schema';
import { german } from '../support/collations';

describe('A view in canonical form', () => {
  it('has no pipeline where none was told, and no simple collation', () => {
    expect(canonicalView({ viewOn: 'users' })).toEqual({ viewOn: 'users', pipeline: [] });
    expect(canonicalView({ viewOn: 'users', pipeline: [], collation: { locale: 'simple' } })).toEqual({
      viewOn: 'users',
      pipeline: [],
    });
  });

  it('has a collation without the version of the library behind it, whatever the order in it', () => {
    const told = canonicalView({ viewOn: 'users', pipeline: [], collation: { ...german, version: '57.1' } });
    const written = Object.fromEntries(Object.entries(german).reverse());
    expect(equal('view', told, { viewOn: 'users', pipeline: [], collation: written })).toBe(true);
  });

  it('keeps dates, ids, decimals and regular expressions', () => {
    const pipeline = [
      {
        $match: {
          at: { $gte: new Date(0) },
          owner: new ObjectId('65f0c0ffee0123456789abcd'),
          price: Decimal128.fromString('9.90'),
          tag: /^a/i,
          mail: { $regex: '@', $options: 'i' },
        },
      },
    ];
    const back = fromPlain(canonicalView(toPlain({ viewOn: 'users', pipeline })))['pipeline'] as unknown;
    expect(BSON.EJSON.stringify(back)).toBe(BSON.EJSON.stringify(pipeline));
  });

  it('keeps the order of names in its stages: another one sorts otherwise', () => {
    const sorted = (...names: string[]) => ({
      viewOn: 'users',
      pipeline: [{ $sort: Object.fromEntries(names.map((name) => [name, 1])) }],
    });
    expect(equal('view', sorted('b', 'a'), sorted('a', 'b'))).toBe(false);
    const schema: Schema = { v: { view: sorted('b', 'a') } };
    expect(canonicalJson(schema)).toContain('"b": 1,\n            "a": 1');
  });
});

describe('The stages of a pipeline', () => {
  it('are found at any depth where pipelines stand', () => {
    const inner = [{ $match: {} }];
    const pipeline = [
      { $lookup: { from: 'a', pipeline: [{ $unionWith: { coll: 'b', pipeline: inner } }], as: 'x' } },
      { $facet: { one: [{ $out: 'c' }] } },
      { $project: { literal: { $literal: { $merge: 'is data' } } } },
    ];
    expect(stagesIn(pipeline).map(([name]) => name)).toEqual([
      '$lookup',
      '$unionWith',
      '$match',
      '$facet',
      '$out',
      '$project',
    ]);
  });
});

describe('The difference between schemas with views', () => {
  const collection = { options: {}, indexes: {}, documents: {} };
  const on = (viewOn: string) => ({ view: { viewOn, pipeline: [] } });
  const shapes = (before: Schema, after: Schema) =>
    diff(before, after).map(({ kind, place, from, to }) => {
      const verb = from === undefined ? 'create' : to === undefined ? 'drop' : 'change';
      return `${verb} ${kind} ${place.collection}`;
    });

  it('makes what a view reads from before the view, and drops it after', () => {
    const all: Schema = { a: on('b'), b: on('c'), c: collection };
    expect(shapes({}, all)).toEqual(['create collection c', 'create view b', 'create view a']);
    expect(shapes(all, {})).toEqual(['drop view a', 'drop view b', 'drop collection c']);
  });

  it('turns a chain of views around without a circle', () => {
    const before: Schema = { a: on('b'), b: on('c'), c: collection };
    const after: Schema = { a: on('c'), b: on('a'), c: collection };
    expect(shapes(before, after)).toEqual(['change view a', 'change view b']);
    expect(shapes(after, before)).toEqual(['change view b', 'change view a']);
  });

  it('drops and makes anew what reads from a name that goes over to another kind', () => {
    const before: Schema = { a: on('b'), b: collection, c: collection };
    const after: Schema = { a: on('b'), b: on('c'), c: collection };
    expect(shapes(before, after)).toEqual(['drop view a', 'drop collection b', 'create view b', 'create view a']);
    expect(shapes(after, before)).toEqual(['drop view a', 'drop view b', 'create collection b', 'create view a']);
  });
});
