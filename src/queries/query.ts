import type { Document } from 'mongodb';
import { filterShape, sortShape } from './filter-shape';
import { hidden, isPlain, shownPath } from './redact';
import { isStage } from './stages';

/** A query as the server recorded it, with its values. A `RawQuery` is never passed to code outside src/queries. */
export interface RawQuery {
  readonly operation: string;
  readonly filter?: unknown;
  readonly sort?: unknown;
  /** The field path of a `distinct`. */
  readonly key?: string;
  readonly pipeline?: readonly unknown[];
  readonly hasCollation: boolean;
  /** Whether the server recorded only a part of the query. */
  readonly isCut: boolean;
}

/** A query without its values. */
export interface QueryShape {
  /** `find`, `aggregate`, `update`, … */
  readonly operation: string;
  /** The filter, such as `{ status: ?, created_at: { $gte: ? } }`. For an aggregation, the `$match` in its first stage. */
  readonly filter?: string;
  readonly sort?: string;
  /** The field path of a `distinct`. */
  readonly key?: string;
  /** The names of the stages of an aggregation. */
  readonly stages?: readonly string[];
  /** Whether the query has its own collation. */
  readonly collation?: true;
  /** Whether the server recorded only a part of the query, so that the shape may be incomplete. */
  readonly isCut?: true;
}

/** The commands on a collection, each with the field that contains its filter, if any. Other commands are shown as `command`. */
const filters: ReadonlyMap<string, string | undefined> = new Map<string, string | undefined>([
  ['find', 'filter'],
  ['count', 'query'],
  ['distinct', 'query'],
  ['findAndModify', 'query'],
  ['mapReduce', 'query'],
  ['aggregate', undefined],
  ['insert', undefined],
  ['explain', undefined],
  ['create', undefined],
  ['createIndexes', undefined],
  ['drop', undefined],
  ['dropIndexes', undefined],
  ['collMod', undefined],
  ['validate', undefined],
  ['bulkWrite', undefined],
]);

const statements: ReadonlySet<string> = new Set(['update', 'delete']);

/**
 * Reads a command from an entry of the profile or the log.
 * @param op the server's name of the operation: `query`, `update`, `command`, …
 * @param originating the command that opened the cursor, for `getMore`
 * @returns the query, or undefined if the server records the statements of the command separately
 */
export function readQuery(
  op: string,
  command: Document,
  originating: Document | undefined,
  wasCut: boolean,
): RawQuery | undefined {
  const isCut = wasCut || '$truncated' in command || (originating !== undefined && '$truncated' in originating);
  const hasCollation = isPlain(command['collation']) || isPlain(originating?.['collation']);
  const common = { hasCollation, isCut };
  if (op === 'update' || op === 'remove') {
    const operation = op === 'remove' ? 'delete' : op;
    return { operation, ...common, ...part('filter', command['q']), ...part('sort', command['sort']) };
  }
  if (op === 'getmore' || 'getMore' in command) {
    return { ...(originating ? readCommand(originating, common) : common), operation: 'getMore' };
  }
  // The server records each statement of this command separately.
  if (statements.has(Object.keys(command)[0] ?? '')) return undefined;
  if ('$truncated' in command) return { operation: op === 'query' ? 'find' : op, ...common };
  return readCommand(command, common);
}

function readCommand(command: Document, common: Pick<RawQuery, 'hasCollation' | 'isCut'>): RawQuery {
  const [name = ''] = Object.keys(command);
  const operation = name === 'findandmodify' ? 'findAndModify' : filters.has(name) ? name : 'command';
  const filterName = filters.get(operation);
  const { pipeline, sort, key } = command;
  return {
    operation,
    ...common,
    ...(filterName !== undefined && part('filter', command[filterName] ?? (common.isCut ? undefined : {}))),
    ...part('sort', sort),
    ...(operation === 'distinct' && typeof key === 'string' && { key }),
    ...(operation === 'aggregate' && Array.isArray(pipeline) && inPipeline(pipeline)),
  };
}

function part<N extends string>(name: N, value: unknown): Partial<Record<N, unknown>> {
  return value === undefined ? {} : ({ [name]: value } as Record<N, unknown>);
}

/** Returns the filter and the sort of an aggregation: a `$match` in its first stage, and the `$sort` right after it. */
function inPipeline(pipeline: readonly unknown[]): Pick<RawQuery, 'pipeline' | 'filter' | 'sort'> {
  const [first, second] = pipeline.filter(isPlain);
  const filter = first?.['$match'] ?? {};
  const sort = first && '$match' in first ? second?.['$sort'] : first?.['$sort'];
  return { pipeline, filter, ...part('sort', sort) };
}

/** Returns a query without its values. */
export function shapeOf({ operation, filter, sort, key, pipeline, hasCollation, isCut }: RawQuery): QueryShape {
  const hasSort = isPlain(sort) && Object.keys(sort).length > 0;
  return {
    operation,
    ...(filter !== undefined && { filter: filterShape(filter) }),
    ...(hasSort && { sort: sortShape(sort) }),
    ...(key !== undefined && { key: shownPath(key) }),
    ...(pipeline && { stages: pipeline.map(stageName) }),
    ...(hasCollation && { collation: true as const }),
    ...(isCut && { isCut: true as const }),
  };
}

function stageName(stage: unknown): string {
  const [name = ''] = isPlain(stage) ? Object.keys(stage) : [];
  return isStage(name) ? name : `$${hidden.one}`;
}

/** Returns a shape in one line: `find { status: ? } sort { created_at: -1 }`. */
export function shapeText({ operation, filter, sort, key, stages, collation, isCut }: QueryShape): string {
  return [
    operation,
    ...(key === undefined ? [] : [key]),
    ...(filter === undefined ? [] : [filter]),
    ...(sort === undefined ? [] : [`sort ${sort}`]),
    ...(stages === undefined ? [] : [stages.join(' ')]),
    ...(collation ? ['with a collation'] : []),
    ...(isCut ? ['… (truncated by the server)'] : []),
  ].join(' ');
}
