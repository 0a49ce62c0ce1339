import { isPlainObject, type Plain, type PlainObject } from '../../schema';
import { portablePattern } from '../portable-pattern';
import type { ArrayShape, FieldShape, NumberShape, ObjectShape, Pattern, TypeShape, ValueShape } from './shapes';

/** Thrown for a construct in a validator that no export supports, or that a language cannot express. */
export class UnknownConstruct extends Error {
  constructor(
    readonly place: string,
    readonly keyword: string,
    readonly reason: string,
  ) {
    super(`${place}: ${keyword}: ${reason}`);
  }
}

/** The keywords for each type. `mongod` ignores them for values of other types. */
const keywordsOf = {
  objectId: [],
  date: [],
  bool: [],
  null: [],
  string: ['enum', 'pattern', 'minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'multipleOf', 'not'],
  int: ['minimum', 'maximum'],
  long: ['minimum', 'maximum'],
  double: ['minimum', 'maximum'],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties'],
} as const satisfies Readonly<Record<TypeShape['type'], readonly string[]>>;
type BsonType = keyof typeof keywordsOf;
/** Keywords that do not restrict a value. */
const notes = ['bsonType', 'title', 'description'];

/**
 * Reads the schema of one place, with all inner schemas.
 * @throws UnknownConstruct when a type or a keyword is not supported
 */
export function readValue(place: string, schema: Plain | undefined): ValueShape {
  if (!isPlainObject(schema)) throw new UnknownConstruct(place, 'schema', 'it is not an object');
  const { title, description } = schema;
  const about = {
    place,
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
  };
  if (Object.keys(schema).every((keyword) => keyword !== 'bsonType' && notes.includes(keyword)))
    return { ...about, types: 'any' };
  const reader = new Reader(place, schema);
  const types = [...new Set(typesOf(place, schema))].flatMap((type) => reader.type(type));
  if (types.length === 0) throw new UnknownConstruct(place, 'enum', 'it allows no value');
  return { ...about, types };
}

function typesOf(place: string, schema: PlainObject): BsonType[] {
  const types = [schema['bsonType']].flat().map((type) => {
    if (typeof type === 'string' && Object.hasOwn(keywordsOf, type)) return type as BsonType;
    throw new UnknownConstruct(
      place,
      'bsonType',
      `${JSON.stringify(type)} is not among ${Object.keys(keywordsOf).join(', ')}`,
    );
  });
  const allowed = [...notes, ...types.flatMap((type): readonly string[] => keywordsOf[type])];
  for (const keyword of Object.keys(schema)) {
    const isNullable = keyword === 'enum' && types.includes('null');
    if (!allowed.includes(keyword) && !isNullable)
      throw new UnknownConstruct(place, keyword, `it is not supported for the type ${types.join(', ')}`);
  }
  return types;
}

/** Reads the validator's keywords at one path. */
class Reader {
  constructor(
    readonly place: string,
    readonly schema: PlainObject,
  ) {}

  type(type: BsonType): TypeShape[] {
    switch (type) {
      case 'objectId':
      case 'date':
      case 'bool':
        return [{ type }];
      case 'null':
        return this.schema['enum'] === undefined || this.#choices().includes(null) ? [{ type }] : [];
      case 'string':
        return [this.#string()];
      case 'number':
      case 'int':
      case 'long':
      case 'double':
        return [this.#number(type)];
      case 'array':
        return [this.#array()];
      case 'object':
        return [this.#object()];
    }
  }

  #unknown(keyword: string, reason: string): UnknownConstruct {
    return new UnknownConstruct(this.place, keyword, reason);
  }

  #choices(): readonly (string | null)[] {
    const values = [this.schema['enum'] ?? []].flat();
    return values.map((value) => {
      if (typeof value === 'string' || value === null) return value;
      throw this.#unknown('enum', 'it contains a value other than a string or null');
    });
  }

  #string(): TypeShape {
    const rules = { ...this.#count('minLength'), ...this.#count('maxLength'), ...this.#pattern() };
    if (this.schema['enum'] === undefined) return { type: 'string', ...rules };
    if (Object.keys(rules).length > 0)
      throw this.#unknown('enum', 'it is combined with another rule for strings, which is not supported');
    const choices = this.#choices().filter((value) => value !== null);
    if (choices.length === 0) throw this.#unknown('enum', 'it lists no string, although the type allows strings');
    return { type: 'string', choices };
  }

  #pattern(): { pattern?: Pattern } {
    const { pattern } = this.schema;
    if (pattern === undefined) return {};
    if (typeof pattern !== 'string') throw this.#unknown('pattern', 'it is not a string');
    const read = portablePattern(pattern);
    if ('problem' in read) throw this.#unknown('pattern', `it has ${read.problem}`);
    return { pattern: { source: pattern, python: read.python } };
  }

  #number(type: NumberShape['type']): NumberShape {
    // Only `number` uses these keywords. Another number type has them only if it is listed together with `number`.
    const { not, multipleOf } = type === 'number' ? this.schema : {};
    const isWithoutDecimals = isPlainObject(not) && Object.keys(not).length === 1 && not['bsonType'] === 'decimal';
    if (not !== undefined && !isWithoutDecimals) throw this.#unknown('not', "it must be { bsonType: 'decimal' }");
    if (multipleOf !== undefined && multipleOf !== 1) throw this.#unknown('multipleOf', 'only 1 is supported');
    const isWhole = multipleOf === 1 || type === 'int' || type === 'long';
    return { type, isWhole, isWithoutDecimals, ...this.#bound('minimum'), ...this.#bound('maximum') };
  }

  #bound<Keyword extends 'minimum' | 'maximum'>(keyword: Keyword): { [Name in Keyword]?: number } {
    const value = this.schema[keyword];
    if (value === undefined) return {};
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#unknown(keyword, 'it is not a plain number');
    return { [keyword]: value } as { [Name in Keyword]?: number };
  }

  #count<Keyword extends string>(keyword: Keyword): { [Name in Keyword]?: number } {
    const value = this.schema[keyword];
    if (value === undefined) return {};
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.#unknown(keyword, 'it is not a whole number');
    return { [keyword]: value } as { [Name in Keyword]?: number };
  }

  #array(): ArrayShape {
    const { items = {}, uniqueItems = false } = this.schema;
    if (typeof uniqueItems !== 'boolean') throw this.#unknown('uniqueItems', 'it is neither true nor false');
    if (Array.isArray(items)) throw this.#unknown('items', 'it has a separate schema for each position');
    return {
      type: 'array',
      items: readValue(`${this.place}[]`, items),
      ...this.#count('minItems'),
      ...this.#count('maxItems'),
      isUnique: uniqueItems,
    };
  }

  #object(): ObjectShape {
    const { properties = {}, required = [], additionalProperties = true } = this.schema;
    if (typeof additionalProperties !== 'boolean')
      throw this.#unknown('additionalProperties', 'only true and false are supported');
    if (!isPlainObject(properties)) throw this.#unknown('properties', 'it is not an object');
    const needed = [required].flat().map(String);
    const fields = Object.entries(properties).map(([name, part]): FieldShape => ({
      name,
      isRequired: needed.includes(name),
      value: readValue(`${this.place}.${name}`, part),
    }));
    // A required field without a rule accepts any value.
    const unruled = needed.filter((name) => !Object.hasOwn(properties, name));
    return {
      type: 'object',
      place: this.place,
      fields: [
        ...fields,
        ...unruled.map((name) => ({
          name,
          isRequired: true,
          value: { place: `${this.place}.${name}`, types: 'any' as const },
        })),
      ],
      isOpen: additionalProperties,
    };
  }
}
