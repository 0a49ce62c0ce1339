import { KnownTargets, type Migration } from '../../migration';
import { emptySchema, foldWhole, wirePlace, type Change } from '../../schema';
import type { Base, Misfit, Subject } from './types';
import { errorCodeOf } from '../../support/error-codes';
import { reasonOf } from '../../support/schema-error';

export interface Subjects {
  readonly subjects: readonly Subject[];
  readonly misfit: Misfit | undefined;
}

/** Returns the migrations that are not in the base, each with its context. */
export function subjectsOf(
  migrations: readonly Migration[],
  base: Base | undefined,
  read: (migration: Migration) => string,
): Subjects {
  const merged = new Set(base?.names);
  const holdsData = dataOf(migrations.filter(({ name }) => merged.has(name)));
  const lastToChange = lastChanges(migrations);
  let head = emptySchema;
  const subjects: Omit<Subject, 'head'>[] = [];
  const judged: Migration[] = [];
  const targets = new KnownTargets();
  let misfit: Misfit | undefined;
  for (const [position, migration] of migrations.entries()) {
    const before = head;
    try {
      head = foldWhole(migration.changes, before);
    } catch (error) {
      misfit = misfitOf(migration, error);
    }
    for (const { kind, from, to } of migration.changes) {
      if (kind === 'collection.name' && holdsData.has(String(from))) holdsData.add(String(to));
    }
    const unknown = targets.take(migration);
    if (unknown && !merged.has(migration.name)) {
      misfit ??= { migration: migration.name, location: undefined, message: `${unknown.why}; ${unknown.fix}.` };
    }
    if (!merged.has(migration.name)) {
      subjects.push({
        migration,
        text: read(migration),
        before,
        after: head,
        earlier: [...judged],
        holdsData: (collection) => holdsData.has(collection),
        isLastToChange: (location) => (lastToChange.get(keyOf(wirePlace(location))) ?? -1) <= position,
      });
      judged.push(migration);
    }
    if (misfit) break;
  }
  return { subjects: subjects.map((subject) => ({ ...subject, head })), misfit };
}

/** @throws the given error if it has another code than `FOLD` */
function misfitOf(migration: Migration, error: unknown): Misfit {
  const { change } = error as { change?: Change };
  if (errorCodeOf(error) !== 'FOLD') throw error;
  return { migration: migration.name, location: change, message: `${reasonOf(error)}.` };
}

/** Returns the collections that exist after the migrations. */
function dataOf(migrations: readonly Migration[]): Set<string> {
  const collections = new Set<string>();
  for (const { kind, place, from, to } of migrations.flatMap(({ changes }) => changes)) {
    if (kind === 'collection.name' && collections.delete(String(from))) collections.add(String(to));
    if (kind !== 'collection') continue;
    if (to === undefined) collections.delete(place.collection);
    else collections.add(place.collection);
  }
  return collections;
}

/** Returns, for the key of each place, the position of the last migration that changes the place or something inside the place. */
function lastChanges(migrations: readonly Migration[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const [position, { changes }] of migrations.entries()) {
    for (const change of changes) {
      const place = wirePlace(change);
      for (const depth of place.keys()) last.set(keyOf(place.slice(0, depth + 1)), position);
    }
  }
  return last;
}

function keyOf(place: readonly string[]): string {
  return place.join('\0');
}
