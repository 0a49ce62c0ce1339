import { namedArguments } from './accepted/expressions';
import { isLiteral, isOperators } from './accepted/literals';
import { isPlainObject, pairsIn, relaxed } from './plain';
import type { Plain, PlainObject } from './schema';
import { compareText, sortNames } from './sorting';

/**
 * A filter in a form whose text is the same for two filters exactly when they are. Names are sorted only where their order means
 * nothing to the server, among conditions and operators: in a literal (`{ $eq: { p: 1, q: 2 } }`) it counts, and so do types.
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

/** What stands for a field: operators, or a literal. */
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

/** Whether `$elemMatch` takes conditions on fields, and not on the element itself. */
function isElementFilter(value: Plain): boolean {
  return !isOperators(value) || ['$and', '$or', '$nor', '$expr', '$jsonSchema'].some((name) => name in value);
}

/** Keywords that hold a schema, those that hold several by name or in a list, and those that hold a set of names. */
const schemas: ReadonlySet<string> = new Set(['items', 'additionalItems', 'additionalProperties', 'not']);
const byName: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependencies']);
const lists: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf']);
const sets: ReadonlySet<string> = new Set(['required', 'bsonType', 'type']);

/** A `$jsonSchema` in such a form. What its keywords count is compared by value, whatever the type of the number. */
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

/** An expression in such a form: an object that names no operator makes a document, and its order counts. */
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

/** A reference document in such a form. Only the place of `_id` means nothing: the server puts it first. */
export function exactRow({ _id, ...fields }: PlainObject): readonly unknown[] {
  return [_id, Object.entries(fields)];
}

/** The names of an object in which their order means nothing, whatever they are; undefined for a value of a BSON type. */
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
