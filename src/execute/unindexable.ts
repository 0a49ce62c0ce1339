import type { Document, Filter } from 'mongodb';
import { fromPlain, kindOfKey, type Index, type PlainObject } from '../schema';
import { keysOf, type KeyProblem } from './computed-keys';
import { refusesPoints } from './flat-points';
import { otherLanguages } from './text-languages';

/** Documents that the server refuses to index. */
export interface Unindexable {
  readonly filter: Filter<Document>;
  /** Aggregation stages after the filter, when a filter is not enough. */
  readonly stages: readonly Document[];
  readonly why: string;
  /** Whether the server may decide differently than the query. If so, the finding is reported, but does not block the change. */
  readonly isUnsure?: boolean;
}

/** Returns queries for the documents that an index of this kind refuses. */
export function unindexableBy(index: Index): Unindexable[] {
  switch (kindOfKey(index.key)) {
    case 'plain':
      return inPlainKeys(Object.keys(index.key));
    case 'hashed':
      return [arraysAt(Object.keys(index.key), 'a hashed index does not accept arrays')];
    case 'text':
      return [...otherLanguages(index, fieldsOf(index, 'text')), ...arraysBeside(index)];
    case '2dsphere':
      return fieldsOf(index, '2dsphere').map((field) => ({
        filter: badGeometryAt(field),
        stages: [],
        why: `${field} holds neither valid GeoJSON nor a pair of coordinates`,
      }));
    case '2d':
      return fieldsOf(index, '2d').map((field) => inFlatPoints(index, field));
    case 'wildcard':
      return [];
  }
}

function fieldsOf({ key }: Index, kind: string): string[] {
  return Object.entries(key).flatMap(([field, value]) => (value === kind ? [field] : []));
}

function inFlatPoints(index: Index, field: string): Unindexable {
  const { min = -180, max = 180 } = fromPlain(index as unknown as PlainObject);
  const bounds = { min: Number(min), max: Number(max) };
  return {
    filter: { $expr: refusesPoints(field, bounds) },
    stages: [],
    why: `${field} holds something other than pairs of numbers from ${bounds.min} to ${bounds.max}`,
    isUnsure: hasPosition.test(field),
  };
}

const hasPosition = /(?:^|\.)\d+(?:\.|$)/;

function inPlainKeys(fields: readonly string[]): Unindexable[] {
  const problem = (kind: KeyProblem, why: string): Unindexable => {
    const { problem: found, hasArrays } = keysOf(fields);
    return {
      filter: { $expr: hasArrays },
      stages: [{ $project: { problem: found } }, { $match: { problem: kind } }],
      why,
      isUnsure: mixesPositions(fields),
    };
  };
  return [
    ...(fields.length > 1 ? [problem('parallel arrays', `more than one of ${fields.join(', ')} is an array`)] : []),
    ...(fields.some((field) => hasPosition.test(field))
      ? [problem('ambiguous position', 'a number in a path is both a position in an array and a field of its elements')]
      : []),
  ];
}

/**
 * Returns whether one path may use a position in an array where another path uses all elements. Both paths may lead to the same inner
 * array.
 */
export function mixesPositions(fields: readonly string[]): boolean {
  return fields.length > 1 && fields.some((field) => hasPosition.test(field));
}

/** Returns a query for documents that have an array at the end of one of these paths, or above it. */
function arraysAt(fields: readonly string[], why: string): Unindexable {
  return { filter: { $expr: { $or: fields.map((field) => ({ $isArray: `$${field}` })) } }, stages: [], why };
}

function arraysBeside({ key }: Index): Unindexable[] {
  const others = Object.keys(key).filter((field) => key[field] !== 'text');
  return others.map((field) => ({
    ...arraysAt([field], `a text index does not accept arrays in ${field}`),
    isUnsure: hasPosition.test(field),
  }));
}

/** Lets the server itself check a geometry: every geometry that the server accepts is inside a circle around the whole earth. */
const onEarth = { $geoWithin: { $centerSphere: [[0, 0], 4] } };

function badGeometryAt(field: string): Filter<Document> {
  return badBelow('', field.split('.'));
}

/** Each element of an array on the path to the field is checked separately. */
function badBelow(above: string, [name = '', ...others]: readonly string[]): Filter<Document> {
  const path = above === '' ? name : `${above}.${name}`;
  if (others.length === 0) return badGeometry(path);
  return {
    $or: [
      { [path]: { $elemMatch: badBelow('', others) } },
      { $and: [{ [path]: { $not: { $type: 'array' } } }, badBelow(path, others)] },
    ],
  };
}

function badGeometry(path: string): Filter<Document> {
  const isNoArray = { [path]: { $not: { $type: 'array' } } };
  // A list of points is not a geometry, although each of the points is one.
  const isPair = { $or: [isNoArray, { [`${path}.0`]: { $type: 'number' } }] };
  const isEmpty = { $or: [{ [path]: { $size: 0 } }, { $and: [isNoArray, { [path]: {} }] }] };
  return {
    [path]: { $exists: true, $not: { $type: ['null', 'undefined'] } },
    $nor: [{ $and: [{ [path]: onEarth }, isPair] }, isEmpty],
  };
}
