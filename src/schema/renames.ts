import type { Change, Kind, Location } from './change';
import { diff } from './diff';
import { Draft } from './draft';
import { apply, problemWith } from './fold';
import { rules } from './kinds/table';
import { isWithin, ownerOf } from './place';
import type { Schema } from './schema';

type Rename = Change<'collection.name'>;

/** The names of the database that a place is about: two of a rename, one of everything else. */
export function namesIn(location: Location): readonly string[] {
  const { collection } = location.place;
  return location.kind === 'collection.name' ? [collection, location.place.becomes] : [collection];
}

/** The names that changes are about. */
export function namesOfChanges(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => namesIn(change)));
}

/** Whether one place equals, contains or lies in the other. What lies in a collection lies in the rename of that as well. */
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

/** Whether changes are about a place, an index for one of its attributes too; also under the name that it had before a rename. */
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

/** A schema with the collections under the names that changes give them, and the renames that fit it: what is left to compare are contents. */
function applyRenames(
  schema: Schema,
  changes: Iterable<Change>,
): { readonly schema: Schema; readonly renames: readonly Rename[] } {
  const draft = new Draft(schema);
  const renames: Rename[] = [];
  for (const change of changes) {
    if (!isRename(change)) continue;
    // A view that has the new name goes before the rename, by a change that is none of these.
    if (draft.kindOf(change.to ?? '') === 'view') draft.remove(change.to ?? '');
    if (problemWith(change, draft) !== undefined) continue;
    apply(change, draft);
    renames.push(change);
  }
  return { schema: renames.length > 0 ? draft.finish() : schema, renames };
}

/** The changes between two schemas of one history, as people read them: what `changes` rename on the way is renamed, not dropped and created. */
export function diffBetween(before: Schema, after: Schema, changes: Iterable<Change>): Change[] {
  const { schema, renames } = applyRenames(before, changes);
  return [...renames, ...diff(schema, after)];
}

function isRename<K extends Kind>(change: Change<K> | Rename): change is Rename {
  return change.kind === 'collection.name';
}
