import type { Plain, PlainObject } from '../../schema';
import { isPlainObject } from '../../schema';
import { portablePattern } from '../portable-pattern';

/** A place in a validator that no type is known for: the construct, and what would be known. */
export class UnknownConstruct extends Error {
  constructor(
    readonly place: string,
    readonly keyword: string,
    readonly reason: string,
  ) {
    super(`${place}: ${keyword}: ${reason}`);
  }
}

/** The keywords that each type is judged by; `mongod` passes over them at values of another type. */
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
} as const satisfies Readonly<Record<string, readonly string[]>>;
type BsonType = keyof typeof keywordsOf;
/** What says nothing about a value. */
const notes = ['bsonType', 'title', 'description'];

/** Writes the class of an object with fields, and returns its name. */
export type WriteClass = (place: string, schema: PlainObject) => string;

/** The type of a value in Python, with the rules that judge it. */
export function pythonType(place: string, schema: Plain | undefined, writeClass: WriteClass): string {
  if (!isPlainObject(schema)) throw new UnknownConstruct(place, 'schema', 'it is no object');
  if (Object.keys(schema).every((keyword) => keyword !== 'bsonType' && notes.includes(keyword))) return 'Any';
  const types = typesOf(place, schema);
  const reader = new Reader(place, schema, writeClass);
  const written = [...new Set(types)].flatMap((type) => reader.type(type));
  if (written.length === 0) throw new UnknownConstruct(place, 'enum', 'it lets no value in');
  return written.join(' | ');
}

/**
 * The types that a place may have.
 * @throws UnknownConstruct when a type, or a keyword, is not known
 */
export function typesOf(place: string, schema: PlainObject): BsonType[] {
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
      throw new UnknownConstruct(place, keyword, `it is not known for the type ${types.join(', ')}`);
  }
  return types;
}

/** Reads the keywords of one place. */
class Reader {
  constructor(
    readonly place: string,
    readonly schema: PlainObject,
    readonly writeClass: WriteClass,
  ) {}

  type(type: BsonType): string[] {
    switch (type) {
      case 'objectId':
        return ['_v.Id'];
      case 'date':
        return ['_v.Date'];
      case 'bool':
        return ['_v.Bool'];
      case 'null':
        return this.schema['enum'] === undefined || this.#choices().includes(null) ? ['None'] : [];
      case 'string':
        return [this.#string()];
      case 'number':
        return [this.#number()];
      case 'int':
      case 'long':
        return [`Annotated[int, _v.${type === 'int' ? 'Int' : 'Long'}(${this.#bounds(false)})]`];
      case 'double':
        return [`Annotated[float, _v.Double(${this.#bounds(true)})]`];
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
      throw this.#unknown('enum', 'it holds what is neither a string nor null');
    });
  }

  #string(): string {
    const pattern = this.schema['pattern'];
    const rules = [
      ...this.#count('minLength', 'min_length'),
      ...this.#count('maxLength', 'max_length'),
      ...(pattern === undefined ? [] : [`pattern=${literal(this.#pattern(pattern))}`]),
    ].join(', ');
    if (this.schema['enum'] === undefined) return `Annotated[str, _v.Text(${rules})]`;
    if (rules !== '') throw this.#unknown('enum', 'it stands beside another rule for strings, and says all by itself');
    const choices = this.#choices().filter((value) => value !== null);
    if (choices.length === 0) throw this.#unknown('enum', 'it holds no string, and the type allows strings');
    return `Annotated[Literal[${choices.map(literal).join(', ')}], _v.Choice()]`;
  }

  /** The pattern as Python writes it: its `$` would take a line end. */
  #pattern(pattern: Plain): string {
    if (typeof pattern !== 'string') throw this.#unknown('pattern', 'it is no string');
    const read = portablePattern(pattern);
    if ('problem' in read) throw this.#unknown('pattern', `it has ${read.problem}`);
    return read.python;
  }

  #number(): string {
    const { not, multipleOf } = this.schema;
    const isWithoutDecimals = isPlainObject(not) && Object.keys(not).length === 1 && not['bsonType'] === 'decimal';
    if (!isWithoutDecimals)
      throw this.#unknown('not', "it has to be { bsonType: 'decimal' }, which has no type in Python");
    if (multipleOf !== undefined && multipleOf !== 1) throw this.#unknown('multipleOf', 'only 1 is known');
    return multipleOf === 1
      ? `Annotated[int, _v.Whole(${this.#bounds(true)})]`
      : `Annotated[float, _v.Number(${this.#bounds(true)})]`;
  }

  /** Without both, mongod takes NaN or infinity. */
  #bounds(areNeeded: boolean): string {
    const bound = (keyword: 'minimum' | 'maximum', name: string): string[] => {
      const value = this.schema[keyword];
      if (typeof value === 'number' && Number.isFinite(value)) return [`${name}=${value}`];
      if (value === undefined && !areNeeded) return [];
      throw this.#unknown(keyword, 'a number needs both bounds, each a plain number: else NaN or infinity is let in');
    };
    return [...bound('minimum', 'ge'), ...bound('maximum', 'le')].join(', ');
  }

  #count(keyword: string, name: string): string[] {
    const value = this.schema[keyword];
    if (value === undefined) return [];
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.#unknown(keyword, 'it is no whole number');
    return [`${name}=${value}`];
  }

  #array(): string {
    const { items = {}, uniqueItems = false } = this.schema;
    if (typeof uniqueItems !== 'boolean') throw this.#unknown('uniqueItems', 'it is neither true nor false');
    if (Array.isArray(items)) throw this.#unknown('items', 'it gives each place its own schema');
    const rules = [
      ...this.#count('minItems', 'min_items'),
      ...this.#count('maxItems', 'max_items'),
      ...(uniqueItems ? ['unique=True'] : []),
    ].join(', ');
    return `Annotated[list[${pythonType(`${this.place}[]`, items, this.writeClass)}], _v.Items(${rules})]`;
  }

  #object(): string {
    const { properties = {}, required = [], additionalProperties = true } = this.schema;
    if (typeof additionalProperties !== 'boolean')
      throw this.#unknown('additionalProperties', 'only true and false are known');
    if (!isPlainObject(properties)) throw this.#unknown('properties', 'it is no object');
    const isFree = Object.keys(properties).length === 0 && [required].flat().length === 0 && additionalProperties;
    return isFree ? '_v.AnyObject' : this.writeClass(this.place, this.schema);
  }
}

/** A string as Python writes it: JSON's escapes are Python's too. */
export function literal(text: string): string {
  return JSON.stringify(text);
}
