import type { CollectionOptions, Index, Validator } from './schema';

/** A place in the schema. A collection is created at its `options`; every other place requires it to exist. */
export type Place =
  | readonly [collection: string, part: 'options']
  | readonly [collection: string, part: 'validator']
  | readonly [collection: string, part: 'indexes', name: string]
  | readonly [collection: string, part: 'indexes', name: string, attribute: IndexAttribute]
  | readonly [collection: string, part: 'documents', key: string];

/** What the server can change of an index that exists. */
export type IndexAttribute = 'expireAfterSeconds' | 'hidden' | 'unique';

export type PlaceValue = CollectionOptions | Validator | Index   | number | true;

/** What stands at a place before, and what after. An absent side means that nothing is there. */
export interface Change {
  readonly at: Place;
  readonly from?: PlaceValue;
  readonly to?: PlaceValue;
}

/** The changes that undo these: the last one first, each with its sides swapped. */
export function inverse(changes: readonly Change[]): Change[] {
  return changes.toReversed().map(({ at, from, to }) => change(at, to, from));
}

/** A change between two values, of which an undefined one means that nothing is there. */
export function change(at: Place, from: PlaceValue | undefined, to: PlaceValue | undefined): Change {
  return { at, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Whether one place equals, contains or lies in the other. */
export function overlaps(one: Place, other: Place): boolean {
  const shorter = Math.min(one.length, other.length);
  return one.slice(0, shorter).every((part, depth) => part === other[depth]);
}

/** A place in words: `index users.email_1`, `validator of users`, `document 64… of presets`. */
export function describePlace(at: Place): string {
  const [collection, part, name, attribute] = at;
  switch (part) {
    case 'options':
      return `collection ${collection}`;
    case 'validator':
      return `validator of ${collection}`;
    case 'documents':
      return `document ${name} of ${collection}`;
    case 'indexes':
      return attribute === undefined ? `index ${collection}.${name}` : `${attribute} of index ${collection}.${name}`;
  }
}

/** A change in a line of words: `create index users.email_1`. */
export function describeChange({ at, from, to }: Change): string {
  const verb = from === undefined ? 'create' : to === undefined ? 'drop' : 'change';
  const isScalar = typeof from === 'number' && typeof to === 'number';
  return `${verb} ${describePlace(at)}${isScalar ? ` from ${from} to ${to}` : ''}`;
}
