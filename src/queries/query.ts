import type { Document } from 'mongodb';
import { filterShape, sortShape } from './filter-shape';
import { hidden, isPlain, shownPath } from './redact';
import { isStage } from './stages';

/** A query as the server has written it down, values and all: it never leaves this room. */
export interface RawQuery {
  readonly operation: string;
  readonly filter?: unknown;
  readonly sort?: unknown;
  /** Of `distinct`: the path whose values are asked for. */
  readonly key?: string;
  readonly pipeline?: readonly unknown[];
  readonly hasCollation: boolean;
  /** The server has written down only a part of it. */
  readonly isCut: boolean;
}

/** A query without its values. */
export interface QueryShape {
  /** `find`, `aggregate`, `update`, … */
  readonly operation: string;
  /** What it asks for: `{ status: ?, created_at: { $gte: ? } }`. Of an aggregation, its first stage where that is a `$match`. */
  readonly filter?: string;
  readonly sort?: string;
  /** Of `distinct`: the path whose values are asked for. */
  readonly key?: string;
  /** Of an aggregation: the names of its stages. */
  readonly stages?: readonly string[];
  /** It compares texts by rules of its own. */
  readonly collation?: true;
  /** The server has written down only a part of it, so the shape may be incomplete. */
  readonly isCut?: true;
}

/** The commands that work on a collection, each with the name of its filter where it has one. Any other is only called a command. */
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
 * Reads what the server has written down of a command, in the profile or in the log.
 * @param op what it calls the operation: `query`, `update`, `command`, …
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
  // Each of its statements is written down by itself.
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

/** What an aggregation asks of the collection: a `$match` at its head, and the `$sort` after it. */
function inPipeline(pipeline: readonly unknown[]): Pick<RawQuery, 'pipeline' | 'filter' | 'sort'> {
  const [first, second] = pipeline.filter(isPlain);
  const filter = first?.['$match'] ?? {};
  const sort = first && '$match' in first ? second?.['$sort'] : first?.['$sort'];
  return { pipeline, filter, ...part('sort', sort) };
}

/** What is left of a query when its values are taken away. */
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

/** A shape in one line: `find { status: ? } sort { created_at: -1 }`. */
export function shapeText({ operation, filter, sort, key, stages, collation, isCut }: QueryShape): string {
  return [
    operation,
    ...(key === undefined ? [] : [key]),
    ...(filter === undefined ? [] : [filter]),
    ...(sort === undefined ? [] : [`sort ${sort}`]),
    ...(stages === undefined ? [] : [stages.join(' ')]),
    ...(collation ? ['with a collation'] : []),
    ...(isCut ? ['… (cut off by the server)'] : []),
  ].join(' ');
}
