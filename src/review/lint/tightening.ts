import { equal, isPlainObject, relaxed, type Plain, type PlainObject, type Validator } from '../../schema';

/** A rule by which a validator refuses documents that the previous validator accepted. */
export interface Tightening {
  /** A description: `requires plan`, `narrows the enum of status`. */
  readonly what: string;
  /** The field that becomes required. */
  readonly required?: string;
}

/** `floors` are keywords that refuse more documents with a greater number; `ceilings` refuse more with a smaller number. */
const floors = ['minimum', 'minLength', 'minItems', 'minProperties'];
const ceilings = ['maximum', 'maxLength', 'maxItems', 'maxProperties'];
/** Keywords that list the allowed values or types. */
const lists = ['enum', 'bsonType', 'type'];
/** Keywords that are compared separately, field by field, or that refuse nothing. */
const otherwise = new Set(['required', 'properties', 'description', 'title']);

/** Returns what a validator refuses and the previous validator accepted. */
export function tightenings(from: Validator | undefined, to: Validator): Tightening[] {
  if (!refuses(to)) return [];
  const before = from && refuses(from) ? from : undefined;
  const { $jsonSchema: oldSchema, ...oldRest } = relaxed(before?.validator ?? {});
  const { $jsonSchema: newSchema, ...newRest } = relaxed(to.validator);
  return [
    ...(newSchema === undefined ? [] : inSchema(asObject(oldSchema), asObject(newSchema), '')),
    ...inConditions(oldRest, newRest),
    ...(before?.validationLevel === 'moderate' && to.validationLevel === undefined
      ? [{ what: 'checks every document that is written, also existing invalid ones' }]
      : []),
  ];
}

/** Documents must fulfil all conditions, so only added or changed conditions can refuse more documents. Removed ones cannot. */
function inConditions(from: PlainObject, to: PlainObject): Tightening[] {
  const set = Object.keys(to).filter((name) => {
    const before = Object.hasOwn(from, name) ? from[name] : undefined;
    return before === undefined || !sameConditions({ [name]: before }, { [name]: to[name] ?? null });
  });
  const rules = set.filter((name) => name !== '$comment');
  return rules.length === 0 ? [] : [{ what: `sets the conditions ${rules.join(', ')}` }];
}

/** Returns whether a validator refuses anything at all. */
export function refuses({ validationLevel, validationAction }: Validator): boolean {
  return validationLevel !== 'off' && validationAction !== 'warn';
}

function inSchema(from: PlainObject, to: PlainObject, path: string): Tightening[] {
  const required = namesIn(to['required']).filter((name) => !namesIn(from['required']).includes(name));
  const [oldProperties, newProperties] = [asObject(from['properties']), asObject(to['properties'])];
  return [
    ...required.map((name) => ({ what: `requires ${path + name}`, required: path + name })),
    ...Object.entries(to)
      .filter(([keyword, value]) => !otherwise.has(keyword) && narrows(keyword, from[keyword], value))
      .map(([keyword]) => ({ what: `narrows ${keyword}${path && ` of ${path.slice(0, -1)}`}` })),
    ...Object.entries(oldProperties)
      .filter(([name]) => !Object.hasOwn(newProperties, name) && !isAllowedByPattern(name, from, to))
      .flatMap(([name, inner]) => withoutProperty(asObject(inner), to['additionalProperties'], path + name)),
    ...Object.entries(newProperties).flatMap(([name, inner]) => {
      const before = Object.hasOwn(oldProperties, name) ? asObject(oldProperties[name]) : rulesOfOther(name, from);
      return before === false ? [] : inSchema(before, asObject(inner), `${path}${name}.`);
    }),
  ];
}

/** Returns what a validator refuses in a property that only the previous validator lists. */
function withoutProperty(inner: PlainObject, others: Plain | undefined, path: string): Tightening[] {
  if (others === false) return [{ what: `no longer lists ${path}, and allows no other fields` }];
  return inSchema(inner, asObject(others), `${path}.`);
}

/** Returns the rules for a property that a schema does not list; false when it is not allowed. */
function rulesOfOther(name: string, schema: PlainObject): PlainObject | false {
  const patterns = Object.keys(asObject(schema['patternProperties']));
  if (patterns.some((pattern) => matches(pattern, name) !== false)) return {};
  return schema['additionalProperties'] === false ? false : asObject(schema['additionalProperties']);
}

function narrows(keyword: string, from: Plain | undefined, to: Plain): boolean {
  if (from !== undefined && sameConditions({ $jsonSchema: { [keyword]: from } }, { $jsonSchema: { [keyword]: to } }))
    return false;
  if (keyword === 'additionalProperties' && (to === true || from === false)) return false;
  if (from === undefined) return true;
  if (typeof from === 'number' && typeof to === 'number') {
    if (floors.includes(keyword)) return to > from;
    if (ceilings.includes(keyword)) return to < from;
  }
  if (lists.includes(keyword)) {
    const covers = new Set(keyword === 'enum' ? itemsIn(to) : withNumbers(itemsIn(to)));
    return itemsIn(from).some((item) => !covers.has(item));
  }
  return to !== false;
}

/** Returns the items of a keyword that accepts one item or a list. Items that are not strings become JSON texts. */
function namesIn(value: Plain | undefined): string[] {
  if (value === undefined) return [];
  const items: readonly Plain[] = Array.isArray(value) ? (value as readonly Plain[]) : [value];
  return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}

/** Returns the items of a keyword that accepts one item or a list, as JSON texts, in which `'1'` differs from `1`. */
function itemsIn(value: Plain): string[] {
  return (Array.isArray(value) ? (value as readonly Plain[]) : [value]).map((item) => JSON.stringify(item));
}

/** If the list contains `number`, adds all specific number types. If it contains all of these types, adds `number`. */
function withNumbers(types: readonly string[]): readonly string[] {
  const numbers = ['int', 'long', 'double', 'decimal'].map((type) => JSON.stringify(type));
  if (types.includes('"number"')) return [...types, ...numbers];
  return numbers.every((type) => types.includes(type)) ? [...types, '"number"'] : types;
}

/** Returns whether both schemas allow a property by the same pattern with the same rules. */
function isAllowedByPattern(name: string, from: PlainObject, to: PlainObject): boolean {
  const [before, after] = [asObject(from['patternProperties']), asObject(to['patternProperties'])];
  return Object.entries(after).some(([pattern, rules]) => {
    const same = before[pattern];
    const isKept = same !== undefined && sameConditions({ $jsonSchema: same }, { $jsonSchema: rules });
    return isKept && matches(pattern, name) === true;
  });
}

/** Returns whether a pattern matches a name; undefined for a pattern that only the server understands. */
function matches(pattern: string, name: string): boolean | undefined {
  try {
    return new RegExp(pattern, 'u').test(name);
  } catch {
    return undefined;
  }
}

function sameConditions(one: PlainObject, other: PlainObject): boolean {
  return equal('validator', { validator: one }, { validator: other });
}

function asObject(value: Plain | undefined): PlainObject {
  return isPlainObject(value) ? value : {};
}

/** Returns whether a validator makes sure that a field (`a.b`) exists and is a date. */
export function requiresDate(validator: Validator | undefined, field: string): boolean {
  if (!validator || !refuses(validator)) return false;
  const names = field.split('.');
  let schema = asObject(validator.validator['$jsonSchema']);
  for (const name of names) {
    if (!namesIn(schema['required']).includes(name)) return false;
    schema = asObject(asObject(schema['properties'])[name]);
  }
  const types = namesIn(schema['bsonType']);
  return types.length === 1 && types[0] === 'date';
}
