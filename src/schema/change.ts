import type { CollectionOptions, Index, PlainObject, Validator, View } from './schema';

interface InCollection {
  readonly collection: string;
}

interface Named extends InCollection {
  readonly name: string;
}

/** What the server can change in an existing index. */
interface IndexAttributes {
  /** Seconds. */
  readonly expireAfterSeconds: number;
  readonly hidden: true;
  readonly unique: true;
}

export type IndexAttribute = keyof IndexAttributes;

/**
 * The only list of kinds: where each has its place in a schema, which value it has there, and the kind that its name has to
 * stand for. A kind within itself takes a name, and a database gives a name to one thing alone.
 */
type Kinds = {
  /** A collection with its options. */
  readonly collection: {
    readonly within: 'collection';
    readonly place: InCollection;
    readonly value: CollectionOptions;
  };
  /** By which of two names a collection goes: `collection` before it is renamed, `becomes` after it. */
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
/** A kind that takes a name of the database. They are called as the server calls them. */
export type NamedKind = Kinds[Kind]['within'];
export type Within<K extends Kind> = Kinds[K]['within'];
export type Place<K extends Kind = Kind> = Kinds[K]['place'];
export type Value<K extends Kind = Kind> = Kinds[K]['value'];

/** A place and its kind. A place alone does not say whether it is the place of a collection or of its validator. */
export type Location<K extends Kind = Kind> = {
  [P in K]: { readonly kind: P; readonly place: Place<P> };
}[K];

/** The value at a place before, and the one after. An absent side means that nothing is there. */
export type Change<K extends Kind = Kind> = {
  [P in K]: { readonly kind: P; readonly place: Place<P>; readonly from?: Value<P>; readonly to?: Value<P> };
}[K];

/** A change between two values; an undefined one means that nothing is there. */
export function change<K extends Kind>(
  kind: K,
  place: Place<K>,
  from: Value<K> | undefined,
  to: Value<K> | undefined,
): Change<K> {
  return { kind, place, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** The changes that undo these: the last one first, each with its sides swapped. */
export function inverse(changes: readonly Change[]): Change[] {
  return changes.toReversed().map(inverseOf);
}

/** A change with its sides swapped. */
export function inverseOf<K extends Kind>({ kind, place, from, to }: Change<K>): Change<K> {
  return change(kind, place, to, from);
}
