import { namedArguments } from './accepted/expressions';
import { isLiteral, isOperators } from './accepted/literals';
import { isPlainObject, pairsIn, relaxed } from './plain';
import type { Plain, PlainObject } from './schema';
import { compareText, sortNames } from './sorting';

/**
 * Returns a filter in its exact form. Two filters are equal if and only if their exact forms have the same text. Names are sorted only
 * where their order has no meaning for the server: among conditions and operators. In a literal (`{ $eq: { p: 1, q: 2 } }`), order and
 * types matter.
 */
export function exactFilter(filter: Plain): Plain {
  const conditions = namesIn(filter);
  if (!conditions) return filter;
  return mapSorted(conditions, (name, value) => {
    if (isList(value) && ['$and', '$or', '$nor'].includes(name)) return value.map(exactFilter);
    if (name === '$jsonSchema') return exactSchema(value);
    if (name === '$expr') return exactExpression(value);
    return exactCondition(value);
  });
}

/** Returns the exact form of the condition on a field: operators, or a literal. */
function exactCondition(value: Plain): Plain {
  if (!isOperators(value)) return value;
  return mapSorted(value, (name, inner) => {
    if (name === '$not') return exactCondition(inner);
    if (name === '$elemMatch') return isElementFilter(inner) ? exactFilter(inner) : exactCondition(inner);
    if (name === '$all' && isList(inner)) return inner.map(exactCondition);
    return geometric.has(name) ? sortNames(inner) : inner;
  });
}

const geometric: ReadonlySet<string> = new Set(['$geoWithin', '$within', '$geoIntersects']);

/** Returns whether an `$elemMatch` has conditions on fields, and not on the element itself. */
function isElementFilter(value: Plain): boolean {
  return !isOperators(value) || ['$and', '$or', '$nor', '$expr', '$jsonSchema'].some((name) => name in value);
}

/** Keywords by their value: one schema (`schemas`), schemas by name (`byName`), a list of schemas (`lists`), or a set of names (`sets`). */
const schemas: ReadonlySet<string> = new Set(['items', 'additionalItems', 'additionalProperties', 'not']);
const byName: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependencies']);
const lists: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf']);
const sets: ReadonlySet<string> = new Set(['required', 'bsonType', 'type']);

/** Returns a `$jsonSchema` in its exact form. Numbers of its keywords are compared by value, regardless of their type. */
export function exactSchema(schema: Plain): Plain {
  const keywords = namesIn(schema);
  if (!keywords) return schema;
  return mapSorted(keywords, (keyword, value) => {
    if (keyword === 'enum' && isList(value)) return sorted(value);
    if (sets.has(keyword) && isList(value)) return sorted(value);
    const named = byName.has(keyword) ? namesIn(value) : undefined;
    if (named) return mapSorted(named, (_name, inner) => (isList(inner) ? sorted(inner) : exactSchema(inner)));
    if (isList(value) && (lists.has(keyword) || keyword === 'items')) return value.map(exactSchema);
    return schemas.has(keyword) ? exactSchema(value) : sortNames(relaxed(value));
  });
}

/** Returns an expression in its exact form. An object without an operator creates a document, so the order of its fields matters. */
function exactExpression(value: Plain): Plain {
  if (isList(value)) return value.map(exactExpression);
  if (!isPlainObject(value) || isLiteral(value)) return value;
  const [first] = Object.keys(value);
  if (first === undefined || !first.startsWith('$')) return map(value, (_name, inner) => exactExpression(inner));
  return map(value, (operator, inner) => {
    if (operator === '$literal' || operator === '$const') return inner;
    const named = namedArguments(operator);
    const areNamed =
      named !== undefined && isPlainObject(inner) && Object.keys(inner).every((name) => named.includes(name));
    return areNamed ? mapSorted(inner, exactArgument) : exactExpression(inner);
  });
}

function exactArgument(name: string, value: Plain): Plain {
  if (name === 'sortBy') return value;
  if (name === 'vars' && isPlainObject(value)) return mapSorted(value, (_name, inner) => exactExpression(inner));
  if (name === 'branches' && isList(value))
    return value.map((branch) =>
      isPlainObject(branch) ? mapSorted(branch, (_name, inner) => exactExpression(inner)) : branch,
    );
  return exactExpression(value);
}

/** Returns a reference document in its exact form. Only the position of `_id` has no meaning: the server stores `_id` first. */
export function exactRow({ _id, ...fields }: PlainObject): readonly unknown[] {
  return [_id, Object.entries(fields)];
}

/** Returns the object if the order of its fields has no meaning; undefined for a value of a BSON type. */
function namesIn(value: Plain): PlainObject | undefined {
  const pairs = pairsIn(value);
  if (pairs) return Object.fromEntries(pairs);
  return isPlainObject(value) && !isLiteral(value) ? value : undefined;
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function map(value: PlainObject, convert: (name: string, inner: Plain) => Plain): PlainObject {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, convert(name, inner)]));
}

function mapSorted(value: PlainObject, convert: (name: string, inner: Plain) => Plain): PlainObject {
  const entries = Object.entries(value).sort(([one], [other]) => compareText(one, other));
  return Object.fromEntries(entries.map(([name, inner]) => [name, convert(name, inner)]));
}

function sorted(items: readonly Plain[]): readonly Plain[] {
  return items.toSorted((one, other) => compareText(JSON.stringify(one), JSON.stringify(other)));
}
