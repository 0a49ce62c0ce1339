import { didYouMean } from '../../support/nearest';
import type { Plain } from '../schema';
import { show } from './values';

/** The types of BSON by the names that `$type` and `bsonType` take. */
export const bsonTypes: ReadonlySet<string> = new Set(
  `double string object array binData undefined objectId bool date null regex dbPointer javascript symbol javascriptWithScope int timestamp
  long decimal minKey maxKey number`.split(/\s+/),
);

/** The types of JSON by the names that `type` takes. */
export const jsonTypes: ReadonlySet<string> = new Set(['object', 'array', 'boolean', 'number', 'null', 'string']);

const codes: ReadonlySet<number> = new Set([-1, 127, ...Array.from({ length: 19 }, (_, at) => at + 1)]);

/** Names that people know from elsewhere. */
const others: ReadonlyMap<string, string> = new Map([
  ['boolean', 'bool'],
  ['integer', 'int'],
  ['float', 'double'],
  ['datetime', 'date'],
  ['timestamptz', 'date'],
  ['uuid', 'binData'],
  ['buffer', 'binData'],
  ['binary', 'binData'],
  ['oid', 'objectId'],
  ['objectid', 'objectId'],
  ['text', 'string'],
  ['varchar', 'string'],
  ['list', 'array'],
  ['map', 'object'],
  ['document', 'object'],
  ['decimal128', 'decimal'],
  ['none', 'null'],
  ['nil', 'null'],
]);

/** The problem with the name of a BSON type; undefined when there is none. */
export function bsonTypeProblem(name: string): string | undefined {
  if (bsonTypes.has(name)) return undefined;
  const known = others.get(name.toLowerCase());
  return `${show(name)} is no BSON type${known === undefined ? didYouMean(name, bsonTypes) : `; write \`${known}\``}`;
}

/** The problem with what `$type` takes; undefined when there is none. */
export function typeProblem(value: Plain): string | undefined {
  if (typeof value === 'string') return bsonTypeProblem(value);
  if (typeof value === 'number') return codes.has(value) ? undefined : `${show(value)} is the number of no BSON type`;
  if (!Array.isArray(value) || value.length === 0) return 'it takes the name of a BSON type, or a list of them';
  return (value as readonly Plain[])
    .map((one) => (Array.isArray(one) ? 'it takes no list in its list' : typeProblem(one)))
    .find((one) => one !== undefined);
}
