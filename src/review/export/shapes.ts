/**
 * The rules of a validator for a value, read once for all languages. The TypeScript compiler makes sure that the writer of each
 * language supports every addition to these types.
 */
export interface ValueShape {
  /** The place, for messages and names: `users.oauth`, `webhooks.events[]`. */
  readonly place: string;
  readonly title?: string;
  readonly description?: string;
  /** The allowed types; `any` when there is no rule. */
  readonly types: readonly TypeShape[] | 'any';
}

export type TypeShape = PlainShape | StringShape | NumberShape | ArrayShape | ObjectShape;

/** A type without further rules. */
export interface PlainShape {
  readonly type: 'objectId' | 'date' | 'bool' | 'null';
}

export interface StringShape {
  readonly type: 'string';
  /** The only allowed values. If this is set, there are no other rules. */
  readonly choices?: readonly string[];
  /** The minimum length, in code points. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: Pattern;
}

/** A pattern with the same meaning in PCRE2, JavaScript and Python. */
export interface Pattern {
  /** The pattern of the validator, which JavaScript can use. */
  readonly source: string;
  /** The pattern for Python's `re`. */
  readonly python: string;
}

export interface NumberShape {
  /** `number` means any type of number. */
  readonly type: 'number' | 'int' | 'long' | 'double';
  readonly isWhole: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Whether the validator excludes Decimal128, which `number` alone would allow. */
  readonly isWithoutDecimals: boolean;
}

export interface ArrayShape {
  readonly type: 'array';
  readonly items: ValueShape;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly isUnique: boolean;
}

export interface ObjectShape {
  readonly type: 'object';
  readonly place: string;
  readonly fields: readonly FieldShape[];
  /** Whether the object accepts fields that `fields` does not list. */
  readonly isOpen: boolean;
}

export interface FieldShape {
  readonly name: string;
  readonly isRequired: boolean;
  readonly value: ValueShape;
}

/** The documents of a collection. */
export interface CollectionShape {
  readonly collection: string;
  readonly title?: string;
  readonly description?: string;
  readonly document: ObjectShape;
}

/** Returns whether an object has no rules at all. */
export function isAnyObject({ fields, isOpen }: ObjectShape): boolean {
  return fields.length === 0 && isOpen;
}

/** Returns the shape of a document's `_id`; undefined when the validator has no rule for it. */
export function idOf({ document }: CollectionShape): ValueShape | undefined {
  return document.fields.find(({ name }) => name === '_id')?.value;
}

/** Returns whether a document may be inserted without an `_id`. In that case, the driver generates an ObjectId. */
export function isIdOptional(shape: CollectionShape): boolean {
  const types = idOf(shape)?.types ?? 'any';
  return types === 'any' || types.some(({ type }) => type === 'objectId');
}
