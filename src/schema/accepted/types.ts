import { didYouMean } from '../../support/nearest';
import type { Plain } from '../schema';
import { show } from './values';

/** The BSON types by their names in `$type` and `bsonType`. */
export const bsonTypes: ReadonlySet<string> = new Set(
  `double string object array binData undefined objectId bool date null regex dbPointer javascript symbol javascriptWithScope int timestamp
  long decimal minKey maxKey number`.split(/\s+/),
);

/** The JSON types by their names in `type`. */
export const jsonTypes: ReadonlySet<string> = new Set(['object', 'array', 'boolean', 'number', 'null', 'string']);

const codes: ReadonlySet<number> = new Set([-1, 127, ...Array.from({ length: 19 }, (_, at) => at + 1)]);

/** Names of types that people know from other tools, each with the BSON type to write. */
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

/** Returns the problem with the name of a BSON type; undefined when the name is valid. */
export function bsonTypeProblem(name: string): string | undefined {
  if (bsonTypes.has(name)) return undefined;
  const known = others.get(name.toLowerCase());
  return `${show(name)} is not a BSON type${known === undefined ? didYouMean(name, bsonTypes) : `; write \`${known}\``}`;
}

/** Returns the problem with the value of `$type`; undefined when the value is valid. */
export function typeProblem(value: Plain): string | undefined {
  if (typeof value === 'string') return bsonTypeProblem(value);
  if (typeof value === 'number')
    return codes.has(value) ? undefined : `${show(value)} is not the number of a BSON type`;
  if (!Array.isArray(value) || value.length === 0) return 'it needs the name of a BSON type, or a list of them';
  return (value as readonly Plain[])
    .map((one) => (Array.isArray(one) ? 'its list must not contain a list' : typeProblem(one)))
    .find((one) => one !== undefined);
}
