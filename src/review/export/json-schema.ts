import type { PlainObject } from '../../schema';
import { mark } from './mark';
import { UnknownConstruct } from './read-value';
import {
  isIdOptional,
  type ArrayShape,
  type CollectionShape,
  type NumberShape,
  type ObjectShape,
  type TypeShape,
  type ValueShape,
} from './shapes';

/** Matches valid months and days. Accepts 29 February in every year: only the keyword `format` can check the year. */
const monthAndDay =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))';
const time = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,9})?';
const zone = '(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])';

/**
 * How BSON types that JSON lacks are written, and the limits of each type. Many JSON parsers round whole numbers beyond 2^53, so the
 * bounds of a long are the smallest and the largest 64-bit number that all parsers read as the same value.
 */
const definitions = {
  objectId: {
    description: 'An ObjectId: its 24 hex digits, in small letters.',
    type: 'string',
    pattern: '^[0-9a-f]{24}(?!\\n)$',
  },
  date: {
    description: 'A date: a time of RFC 3339 with its zone. MongoDB keeps whole milliseconds.',
    type: 'string',
    format: 'date-time',
    pattern: `^[0-9]{4}-${monthAndDay}T${time}${zone}(?!\\n)$`,
  },
  int: {
    description: 'A whole number that MongoDB stores in 32 bits: an int.',
    type: 'integer',
    minimum: -(2 ** 31),
    maximum: 2 ** 31 - 1,
  },
  long: {
    description: 'A whole number that MongoDB stores in 64 bits: a long.',
    type: 'integer',
    minimum: -9223372036854775000,
    maximum: 9223372036854775000,
  },
  double: { description: 'A number that MongoDB stores as a double, also a whole one.', type: 'number' },
} as const satisfies Readonly<Record<string, PlainObject>>;
type Definition = keyof typeof definitions;

/**
 * Returns a JSON Schema 2020-12 for the documents of a collection. If the JSON Schema accepts a JSON text, the
 * validator accepts the document that is read from this text. The text has the form that `JSON.stringify` writes for the driver's
 * documents, and that Pydantic models write.
 * @param names the name of the type, and its namespace of URNs
 * @throws UnknownConstruct for a construct that JSON Schema cannot express
 */
export function jsonSchemaText(shape: CollectionShape, names: { readonly type: string; readonly urn: string }): string {
  const { collection, title, description, document } = shape;
  const used = new Set<Definition>();
  const isOptional = isIdOptional(shape);
  const fields = document.fields.map((field) => (field.name === '_id' ? { ...field, isRequired: !isOptional } : field));
  const body = objectSchema({ ...document, fields }, used);
  const about = isOptional
    ? 'stored or to be inserted: if the _id is missing, the driver creates one'
    : 'stored or to be inserted';
  const text: PlainObject = {
    $comment: mark,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:${names.urn}:${encodeURIComponent(collection)}`,
    title: title ?? names.type,
    description: description ?? `A document of ${collection}, ${about}.`,
    ...body,
    ...(used.size > 0 && {
      $defs: Object.fromEntries(Object.entries(definitions).filter(([name]) => used.has(name as Definition))),
    }),
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}

function valueSchema({ title, description, types, place }: ValueShape, used: Set<Definition>): PlainObject {
  const notes = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) };
  if (types === 'any') return notes;
  const branches = types.map((type) => typeSchema(place, type, used));
  const [only, ...others] = branches;
  return others.length === 0 ? { ...notes, ...only } : { ...notes, anyOf: branches };
}

function typeSchema(place: string, shape: TypeShape, used: Set<Definition>): PlainObject {
  switch (shape.type) {
    case 'objectId':
    case 'date':
      return reference(shape.type, used);
    case 'bool':
      return { type: 'boolean' };
    case 'null':
      return { type: 'null' };
    case 'string': {
      const { choices, minLength, maxLength, pattern } = shape;
      return {
        type: 'string',
        ...(choices && { enum: choices }),
        ...defined({ minLength, maxLength, pattern: pattern?.source }),
      };
    }
    case 'number':
    case 'int':
    case 'long':
    case 'double':
      return numberSchema(shape, used);
    case 'array':
      return arraySchema(place, shape, used);
    case 'object':
      return objectSchema(shape, used);
  }
}

function reference(name: Definition, used: Set<Definition>): PlainObject {
  used.add(name);
  return { $ref: `#/$defs/${name}` };
}

/** Returns the schema of a number. JSON has neither infinities nor Decimal128, so the schema need not exclude them. */
function numberSchema({ type, isWhole, minimum, maximum }: NumberShape, used: Set<Definition>): PlainObject {
  const kind = type === 'number' ? { type: isWhole ? 'integer' : 'number' } : reference(type, used);
  return { ...kind, ...defined({ minimum, maximum }) };
}

function arraySchema(place: string, { items, minItems, maxItems, isUnique }: ArrayShape, used: Set<Definition>) {
  if (isUnique && holdsDate(items))
    throw new UnknownConstruct(place, 'uniqueItems', 'JSON can write one date as several different strings');
  return {
    type: 'array',
    items: valueSchema(items, used),
    ...defined({ minItems, maxItems }),
    ...(isUnique && { uniqueItems: true }),
  };
}

function holdsDate({ types }: ValueShape): boolean {
  if (types === 'any') return false;
  return types.some((shape) => {
    if (shape.type === 'array') return holdsDate(shape.items);
    if (shape.type === 'object') return shape.fields.some(({ value }) => holdsDate(value));
    return shape.type === 'date';
  });
}

function objectSchema({ fields, isOpen }: ObjectShape, used: Set<Definition>): PlainObject {
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: 'object',
    ...(fields.length > 0 && {
      properties: Object.fromEntries(fields.map(({ name, value }) => [name, valueSchema(value, used)])),
    }),
    ...(required.length > 0 && { required }),
    ...(!isOpen && { additionalProperties: false }),
  };
}

function defined(rules: Readonly<Record<string, string | number | undefined>>): PlainObject {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as PlainObject;
}
