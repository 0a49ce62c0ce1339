/**
 * What a validator says of a document, read once for all the languages that it is written in. Whatever is added here, each writer
 * has to know: the compiler sees to it.
 */
export interface ValueShape {
  /** Where it stands, for messages and for names: `users.oauth`, `webhooks.events[]`. */
  readonly place: string;
  readonly title?: string;
  readonly description?: string;
  /** A value is of one of these; or of any type, when there is no rule. */
  readonly types: readonly TypeShape[] | 'any';
}

export type TypeShape = PlainShape | StringShape | NumberShape | ArrayShape | ObjectShape;

/** A type that has no further rules. */
export interface PlainShape {
  readonly type: 'objectId' | 'date' | 'bool' | 'null';
}

export interface StringShape {
  readonly type: 'string';
  /** The only values; there are no other rules beside them. */
  readonly choices?: readonly string[];
  /** In code points. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: Pattern;
}

/** A pattern that PCRE2, JavaScript and Python read alike. */
export interface Pattern {
  /** As the validator has it; JavaScript reads it so. */
  readonly source: string;
  /** As Python's `re` has to have it. */
  readonly python: string;
}

export interface NumberShape {
  /** `number` is any type of number. */
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
  /** Whether it accepts fields that `fields` does not list. */
  readonly isOpen: boolean;
}

export interface FieldShape {
  readonly name: string;
  readonly isRequired: boolean;
  readonly value: ValueShape;
}

/** What the documents of a collection are. */
export interface CollectionShape {
  readonly collection: string;
  readonly title?: string;
  readonly description?: string;
  readonly document: ObjectShape;
}

/** Whether nothing is known of an object but that it is one. */
export function isAnyObject({ fields, isOpen }: ObjectShape): boolean {
  return fields.length === 0 && isOpen;
}

/** The shape of a document's `_id`, which every document has; absent where the validator has no rule for it. */
export function idOf({ document }: CollectionShape): ValueShape | undefined {
  return document.fields.find(({ name }) => name === '_id')?.value;
}

/** Whether a document may be inserted without an `_id`: the driver makes an ObjectId then. */
export function isIdOptional(shape: CollectionShape): boolean {
  const types = idOf(shape)?.types ?? 'any';
  return types === 'any' || types.some(({ type }) => type === 'objectId');
}
