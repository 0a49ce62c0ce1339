import type { Migration } from '../../migration';
import { fold, type Collection, type Place, type Schema } from '../../schema';
import type { Base, Misfit, Subject } from './types';

export interface Subjects {
  readonly subjects: readonly Subject[];
  readonly misfit: Misfit | undefined;
}

/** The migrations that are not in the base, each with what stands around it. Only the collections it changes are folded. */
export function subjectsOf(
  migrations: readonly Migration[],
  base: Base | undefined,
  read: (migration: Migration) => string,
): Subjects {
  const merged = new Set(base?.names);
  const holdsData = dataOf(migrations.filter(({ name }) => merged.has(name)));
  const lastToChange = lastChanges(migrations);
  const head = new Map<string, Collection>();
  const subjects: Subject[] = [];
  const judged: Migration[] = [];
  let misfit: Misfit | undefined;
  for (const [position, migration] of migrations.entries()) {
    const names = new Set(migration.changes.map(({ at }) => at[0]));
    const before = new Map([...names].flatMap((name) => entryOf(head, name)));
    let after: ReadonlyMap<string, Collection> = before;
    try {
      after = new Map(Object.entries(fold(migration.changes, Object.fromEntries(before) as Schema)));
    } catch (error) {
      misfit = misfitOf(migration, error);
    }
    for (const name of names) {
      const collection = after.get(name);
      if (collection) head.set(name, collection);
      else head.delete(name);
    }
    if (!merged.has(migration.name)) {
      subjects.push({
        migration,
        text: read(migration),
        before,
        after,
        head,
        earlier: [...judged],
        holdsData: (collection) => holdsData.has(collection),
        isLastToChange: (at) => (lastToChange.get(at.join('\0')) ?? -1) <= position,
      });
      judged.push(migration);
    }
    if (misfit) break;
  }
  return { subjects, misfit };
}

function entryOf(head: ReadonlyMap<string, Collection>, name: string): [string, Collection][] {
  const collection = head.get(name);
  return collection ? [[name, collection]] : [];
}

/** @throws The error, when it is not the fold's. */
function misfitOf(migration: Migration, error: unknown): Misfit {
  const { code, message, change } = error as { code?: unknown; message: string; change?: { at: Place } };
  if (code !== 'FOLD') throw error;
  return { migration: migration.name, at: change?.at, message };
}

/** The collections that migrations leave behind. */
function dataOf(migrations: readonly Migration[]): ReadonlySet<string> {
  const collections = new Set<string>();
  for (const { at, to } of migrations.flatMap(({ changes }) => changes)) {
    if (at[1] !== 'options') continue;
    if (to === undefined) collections.delete(at[0]);
    else collections.add(at[0]);
  }
  return collections;
}

/** The position of the last migration that changes each place, or something in it. */
function lastChanges(migrations: readonly Migration[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const [position, { changes }] of migrations.entries()) {
    for (const { at } of changes) for (const depth of at.keys()) last.set(at.slice(0, depth + 1).join('\0'), position);
  }
  return last;
}
