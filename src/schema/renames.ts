import type { Change, Kind, Location } from './change';
import { diff } from './diff';
import { Draft } from './draft';
import { apply, problemWith } from './fold';
import { rules } from './kinds/table';
import { isWithin, ownerOf } from './place';
import type { Schema } from './schema';

type Rename = Change<'collection.name'>;

/** Returns the collection names in a place: two for a rename, otherwise one. */
export function namesIn(location: Location): readonly string[] {
  const { collection } = location.place;
  return location.kind === 'collection.name' ? [collection, location.place.becomes] : [collection];
}

/** Returns the collection names in the places of changes. */
export function namesOfChanges(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => namesIn(change)));
}

/** Returns whether one place equals, contains or is inside the other. A rename of a collection also overlaps with each place in it. */
export function overlaps(one: Location, other: Location): boolean {
  return isWithin(one, other) || isWithin(other, one) || isMovedBy(one, other) || isMovedBy(other, one);
}

function isMovedBy(location: Location, rename: Location): boolean {
  return (
    rename.kind === 'collection.name' &&
    rules[location.kind].within === 'collection' &&
    namesIn(location).some((name) => namesIn(rename).includes(name))
  );
}

/**
 * Returns a function that returns whether any of the changes concerns a place. A change of an attribute also concerns the index. A change
 * before a rename concerns the place under the new name too.
 */
export function touches(changes: readonly Change[]): (location: Location) => boolean {
  const owners = new Set<string>();
  for (const change of changes) {
    if (isRename(change)) for (const owner of [...owners]) owners.add(renamedOwner(owner, change));
    owners.add(ownerOf(change));
  }
  return (location) => owners.has(ownerOf(location));
}

function renamedOwner(owner: string, { from, to }: Rename): string {
  const [name, ...others] = JSON.parse(owner) as string[];
  return JSON.stringify([name === from ? to : name, ...others]);
}

/** Returns a schema after the renames among these changes, and the renames that fit the schema. The caller then compares the contents. */
function applyRenames(
  schema: Schema,
  changes: Iterable<Change>,
): { readonly schema: Schema; readonly renames: readonly Rename[] } {
  const draft = new Draft(schema);
  const renames: Rename[] = [];
  for (const change of changes) {
    if (!isRename(change)) continue;
    // A view with the new name is dropped before the rename, by a change that is not in this list.
    if (draft.kindOf(change.to ?? '') === 'view') draft.remove(change.to ?? '');
    if (problemWith(change, draft) !== undefined) continue;
    apply(change, draft);
    renames.push(change);
  }
  return { schema: renames.length > 0 ? draft.finish() : schema, renames };
}

/**
 * Returns the changes between two schemas of one history, for display: collections that `changes` rename are shown as renamed, not as
 * dropped and created.
 */
export function diffBetween(before: Schema, after: Schema, changes: Iterable<Change>): Change[] {
  const { schema, renames } = applyRenames(before, changes);
  return [...renames, ...diff(schema, after)];
}

function isRename<K extends Kind>(change: Change<K> | Rename): change is Rename {
  return change.kind === 'collection.name';
}
