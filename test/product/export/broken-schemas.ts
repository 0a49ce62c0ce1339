import type { PlainObject } from '../../../src/schema';
import type { JsonSchemas } from './judged-by-ajv';

/** Mistakes that what writes JSON Schemas could make. The comparison has to find each. */
export const mistakes: readonly (readonly [string, (part: PlainObject) => PlainObject])[] = [
  ...[
    'minLength',
    'maxLength',
    'pattern',
    'enum',
    'required',
    'minimum',
    'maximum',
    'uniqueItems',
    'maxItems',
    'items',
  ].map((keyword) => [`no ${keyword}`, without(keyword)] as const),
  ['a pattern that may go on after its end', replacing('pattern', (text) => String(text).replace('(?!\\n)$', ''))],
  ['a line end after a pattern', replacing('pattern', (text) => String(text).replace('(?!\\n)$', '\\n?$'))],
  ['one choice fewer', replacing('enum', (choices) => (choices as string[]).slice(1))],
  ['a fraction as a whole number', replacing('type', (type) => (type === 'integer' ? 'number' : type))],
  ['strings as booleans', replacing('type', (type) => (type === 'boolean' ? ['boolean', 'string'] : type))],
  ['anything as an object', replacing('type', (type) => (type === 'object' ? ['object', 'array', 'null'] : type))],
  ['null for what is there', replacing('anyOf', (branches) => (branches as PlainObject[]).slice(0, 1))],
  ['no further fields', (part) => (part['properties'] ? { ...part, additionalProperties: false } : part)],
];

/** Those that only the constructs show which the product does not have. */
export const mistakesInConstructs: typeof mistakes = [
  ['open where it is closed', without('additionalProperties')],
  ['no minItems', without('minItems')],
  ['a double as an int', replacing('$ref', (name) => (name === '#/$defs/double' ? '#/$defs/int' : name))],
  ['a long as an int', replacing('$ref', (name) => (name === '#/$defs/long' ? '#/$defs/int' : name))],
];

/** The schemas with a mistake at every place where it can be made. */
export function withMistake(schemas: JsonSchemas, alter: (part: PlainObject) => PlainObject): JsonSchemas {
  const altered = new Map([...schemas].map(([name, schema]) => [name, everywhere(schema, alter) as PlainObject]));
  if (JSON.stringify([...altered]) === JSON.stringify([...schemas])) throw new Error('the mistake changes nothing');
  return altered;
}

function everywhere(value: unknown, alter: (part: PlainObject) => PlainObject, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => everywhere(item, alter));
  if (typeof value !== 'object' || value === null) return value;
  // What stands in `properties` are names of fields, and not keywords.
  const part = isNames ? (value as PlainObject) : alter(value as PlainObject);
  return Object.fromEntries(
    Object.entries(part).map(([name, inner]) => [
      name,
      everywhere(inner, alter, !isNames && ['properties', '$defs'].includes(name)),
    ]),
  );
}

function without(keyword: string) {
  return ({ [keyword]: _left, ...others }: PlainObject): PlainObject => others;
}

function replacing(keyword: string, replace: (value: unknown) => unknown) {
  return (part: PlainObject): PlainObject =>
    (Object.hasOwn(part, keyword) ? { ...part, [keyword]: replace(part[keyword]) } : part) as PlainObject;
}
