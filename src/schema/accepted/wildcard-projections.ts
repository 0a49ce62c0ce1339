import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { isAtOrBelow, isWildcard, pathProblem } from './index-keys';
import { show } from './values';

/** A field of a projection by its full path, and whether the index covers it. */
type Projected = readonly [path: string, covered: boolean];

/**
 * Yields the problems for which the server would refuse a wildcard index because of its projection. Each problem is the end of a sentence
 * that begins with the index's name.
 */
export function* wildcardProjectionProblems(key: PlainObject, projection: Plain | undefined): Generator<string> {
  const isWhole = '$**' in key;
  const others = Object.keys(key).filter((field) => !isWildcard(field));
  if (projection === undefined) {
    if (isWhole && others.length > 0)
      yield `has fields besides $**, but no wildcardProjection that excludes them: add { ${others.map((field) => `'${field}': 0`).join(', ')} }`;
    return;
  }
  if (!isWhole) {
    yield 'has a wildcardProjection, which is only for a wildcard on all fields: { "$**": 1 }';
    return;
  }
  if (!isPlainObject(projection)) return;
  if (Object.keys(projection).length === 0) yield 'has an empty wildcardProjection';
  const problems: string[] = [];
  const fields = [...projectedFields(projection, '', problems)];
  for (const problem of problems) yield `has a wildcardProjection ${problem}`;
  if (problems.length === 0) yield* coverageProblems(fields, others);
}

function* projectedFields(projection: PlainObject, path: string, problems: string[]): Generator<Projected> {
  for (const [name, value] of Object.entries(projection)) {
    const whole = path === '' ? name : `${path}.${name}`;
    const problem = pathProblem(name, { wildcard: 'nowhere' });
    if (problem !== undefined) problems.push(`with the field ${show(whole)}, which ${problem}`);
    else if (isPlainObject(value) && Object.keys(value).length > 0) yield* projectedFields(value, whole, problems);
    else if (value === 0 || value === 1 || typeof value === 'boolean') yield [whole, value === 1 || value === true];
    else problems.push(`with \`${whole}: ${show(value)}\`, which must be 0 or 1`);
  }
}

function* coverageProblems(fields: readonly Projected[], others: readonly string[]): Generator<string> {
  const collision = fields.find(([path], at) =>
    fields.some(([other], index) => index !== at && isAtOrBelow(path, other)),
  );
  if (collision) yield `has a wildcardProjection that names ${collision[0]} twice`;
  // _id may be included or excluded independently of the other fields.
  const counted = fields.filter(([path]) => path !== '_id');
  if (counted.some(([, covered]) => covered) && counted.some(([, covered]) => !covered))
    yield 'has a wildcardProjection that both includes and excludes fields';
  const includes = (counted.length > 0 ? counted : fields).some(([, covered]) => covered);
  for (const other of others) {
    const at = fields.find(([path]) => isAtOrBelow(other, path));
    const isCovered = includes
      ? at?.[1] === true
      : at?.[1] !== false && !(at === undefined && isAtOrBelow(other, '_id'));
    if (isCovered) yield `has ${other} in its key, which its wildcardProjection covers`;
  }
}
