import { directionOf, isOperators, isRegExp } from './filter-shape';
import type { RawQuery } from './query';
import { isNamed, isPlain } from './redact';

/** The fields with which an index key must begin to serve a query: fields compared for equality, sort fields, then fields with a range. */
export interface IndexNeeds {
  readonly equal: readonly string[];
  readonly sort: readonly (readonly [path: string, direction: 1 | -1])[];
  readonly range: readonly string[];
  /** Why no index with such a key is suggested. */
  readonly problem?: string;
}

const equality: ReadonlySet<string> = new Set(['$eq', '$in', '$all']);
const ranges: ReadonlySet<string> = new Set(['$gt', '$gte', '$lt', '$lte', '$regex']);
/** Operators that need a text or geospatial index, each with the explanation to show. */
const special: ReadonlyMap<string, string> = new Map([
  ['$text', 'a text search needs a text index'],
  ['$geoWithin', 'a search by place needs a geospatial index'],
  ['$geoIntersects', 'a search by place needs a geospatial index'],
  ['$near', 'a search by place needs a geospatial index'],
  ['$nearSphere', 'a search by place needs a geospatial index'],
  ['$within', 'a search by place needs a geospatial index'],
]);

interface Asked {
  readonly equal: Set<string>;
  readonly range: Set<string>;
  readonly problems: string[];
}

/** Returns the fields that an index key needs to serve a query. */
export function needsOf({ operation, filter, sort, hasCollation, isCut }: RawQuery): IndexNeeds {
  const nothing = { equal: [], sort: [], range: [] };
  if (isCut) return { ...nothing, problem: 'the server recorded only a part of the query' };
  if (hasCollation)
    return {
      ...nothing,
      problem: 'the query has its own collation, and only an index with the same collation can serve it',
    };
  if (!isPlain(filter)) return { ...nothing, problem: `no index makes ${operation} faster` };
  const asked: Asked = { equal: new Set(), range: new Set(), problems: [] };
  collect(filter, '', asked);
  const equal = [...asked.equal];
  const sorted = isPlain(sort) ? Object.entries(sort) : [];
  const directions = sorted
    .filter(([path]) => !asked.equal.has(path))
    .map(([path, how]) => [path, directionOf(how)] as const);
  const order = directions.flatMap(([path, direction]) => (direction ? [[path, direction] as const] : []));
  // An index for only a part of the sort is useless: the server would still sort in memory.
  const bySort = order.length === directions.length ? order : [];
  const range = [...asked.range].filter((path) => !asked.equal.has(path) && !bySort.some(([other]) => other === path));
  const [problem] = asked.problems;
  const paths = [...equal, ...bySort.map(([path]) => path), ...range];
  const unnamed = paths.some((path) => !isNamed(path));
  if (unnamed) return { ...nothing, problem: 'a field path in the query seems to contain a value' };
  if (paths.length > 0 && problem === undefined) return { equal, sort: bySort, range };
  return {
    ...nothing,
    problem: problem ?? 'the query compares no field for equality or with a range, and has no sort',
  };
}

function collect(filter: Readonly<Record<string, unknown>>, prefix: string, asked: Asked): void {
  for (const [name, value] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(value)) {
      for (const one of value) if (isPlain(one)) collect(one, prefix, asked);
    } else if (name === '$or') asked.problems.push('each branch of $or needs its own index');
    else if (name.startsWith('$')) asked.problems.push(...(special.has(name) ? [special.get(name) ?? ''] : []));
    else collectField(prefix + name, value, asked);
  }
}

function collectField(path: string, condition: unknown, asked: Asked): void {
  if (isRegExp(condition)) {
    asked.range.add(path);
    return;
  }
  if (!isOperators(condition)) {
    asked.equal.add(path);
    return;
  }
  for (const [operator, value] of Object.entries(condition)) {
    if (equality.has(operator)) asked.equal.add(path);
    else if (ranges.has(operator)) asked.range.add(path);
    else if (special.has(operator)) asked.problems.push(special.get(operator) ?? '');
    else if (operator === '$elemMatch' && isPlain(value)) {
      if (isOperators(value)) collectField(path, value, asked);
      else collect(value, `${path}.`, asked);
    }
  }
}
