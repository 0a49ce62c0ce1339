import type { CollectionOptions, Index, PlainObject, Validator, View } from './schema';

interface InCollection {
  readonly collection: string;
}

interface Named extends InCollection {
  readonly name: string;
}

/** The attributes that the server can change in an existing index. */
interface IndexAttributes {
  /** In seconds. */
  readonly expireAfterSeconds: number;
  readonly hidden: true;
  readonly unique: true;
}

export type IndexAttribute = keyof IndexAttributes;

/**
 * The only list of kinds, the parts of a schema that a change can create, change or remove. Each kind has a place in a schema, a value at
 * this place, and `within`: the kind that owns the name in its place. Only collections and views have their own names, and a name in a
 * database belongs to exactly one of these.
 */
type Kinds = {
  /** A collection with its options. */
  readonly collection: {
    readonly within: 'collection';
    readonly place: InCollection;
    readonly value: CollectionOptions;
  };
  /** The current name of a collection: `collection` before the rename, `becomes` after the rename. */
  readonly 'collection.name': {
    readonly within: 'collection';
    readonly place: InCollection & { readonly becomes: string };
    readonly value: string;
  };
  readonly validator: { readonly within: 'collection'; readonly place: InCollection; readonly value: Validator };
  readonly index: { readonly within: 'collection'; readonly place: Named; readonly value: Index };
  /** A reference document, by its {@link documentKey}. */
  readonly document: {
    readonly within: 'collection';
    readonly place: InCollection & { readonly key: string };
    readonly value: PlainObject;
  };
  readonly view: { readonly within: 'view'; readonly place: InCollection; readonly value: View };
} & {
  readonly [A in IndexAttribute as `index.${A}`]: {
    readonly within: 'collection';
    readonly place: Named;
    readonly value: IndexAttributes[A];
  };
};

export type Kind = keyof Kinds;
/** A kind that has its own name in the database. The names of these kinds are the values of `type` in `listCollections`. */
export type NamedKind = Kinds[Kind]['within'];
export type Within<K extends Kind> = Kinds[K]['within'];
export type Place<K extends Kind = Kind> = Kinds[K]['place'];
export type Value<K extends Kind = Kind> = Kinds[K]['value'];

/** A place and its kind. The place alone is not enough: a collection and its validator have the same place. */
export type Location<K extends Kind = Kind> = {
  [P in K]: { readonly kind: P; readonly place: Place<P> };
}[K];

/** The values at a place before and after a change. A missing value means that the place is empty. */
export type Change<K extends Kind = Kind> = {
  [P in K]: { readonly kind: P; readonly place: Place<P>; readonly from?: Value<P>; readonly to?: Value<P> };
}[K];

/** Returns a change between two values. An undefined value means that the place is empty. */
export function change<K extends Kind>(
  kind: K,
  place: Place<K>,
  from: Value<K> | undefined,
  to: Value<K> | undefined,
): Change<K> {
  return { kind, place, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Returns the changes that undo the given ones: in reverse order, each with its sides swapped. */
export function inverse(changes: readonly Change[]): Change[] {
  return changes.toReversed().map(inverseOf);
}

/** Returns a change with its sides swapped. */
export function inverseOf<K extends Kind>({ kind, place, from, to }: Change<K>): Change<K> {
  return change(kind, place, to, from);
}
