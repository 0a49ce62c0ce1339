import type { Db } from 'mongodb';
import { readSchema } from '../database';
import type { MigrationStatus, StoredEvent } from '../history';
import { assemble } from '../migration/migration';
import { foldMigrations, isDataStep, isPlain, type Migration, type SchemaStep, type Step } from '../migration';
import {
  change,
  diff,
  documentKeys,
  fromWire,
  inverse,
  isNamedKind,
  wirePlace,
  type Change,
  type Location,
} from '../schema';

/**
 * Returns a migration whose `down` undoes what was applied under this name, even if the file has changed. The changed places come from the
 * history, and the earlier values of these places from the other migrations. Data steps are undone by the steps of the present file,
 * because the history stores no values.
 * @param others the other applied migrations, in the order of their names
 */
export async function undoOfApplied(
  db: Db,
  { applied }: Pick<MigrationStatus, 'applied'>,
  migration: Migration,
  others: readonly Migration[],
): Promise<Migration> {
  const places = applied?.changes?.map(({ at }) => at);
  if (!places || isPlain(migration)) return migration;
  const before = foldMigrations(others);
  const after = foldMigrations([...others, migration].toSorted((one, other) => (one.name < other.name ? -1 : 1)));
  const names = new Set(places.flatMap(([name]) => name ?? []));
  const { schema: live } = await readSchema(db, { indexes: names, documents: documentKeys(after) });
  const renamed = places.flatMap(renameBack);
  const changes = diff(live, before).filter((change) => places.some((made) => concerns(change, made)));
  // A view that has the old name is dropped before the collection gets that name back.
  const [first, then] = [changes.filter(({ to }) => !to), changes.filter(({ to }) => to)];
  const undoing = renamed.length > 0 ? [...first, ...renamed, ...then] : changes;
  return assemble(migration.file, [...stepsLeft(migration, applied), asStep(inverse(undoing))]);
}

function renameBack(at: readonly string[]): Change[] {
  if (at[1] !== 'name') return [];
  const rename = fromWire({ at });
  return rename.kind === 'collection.name' && at.length === 3
    ? [change('collection.name', rename.place, rename.place.becomes, rename.place.collection)]
    : [];
}

/** Returns whether a change is about a recorded place. A whole collection is created or dropped only when the history has recorded that. */
function concerns(location: Location, made: readonly string[]): boolean {
  const place = wirePlace(location);
  const isWithin = (inner: readonly string[], outer: readonly string[]) =>
    outer.every((part, at) => inner[at] === part);
  return isWithin(place, made) || (!isNamedKind(location.kind) && isWithin(made, place));
}

/**
 * Returns the data steps of the file in their positions, because the names of checkpoints contain these positions. Schema changes are
 * undone separately.
 */
function stepsLeft({ steps }: Migration, applied: StoredEvent | undefined): Step[] {
  const wrote = applied?.data !== undefined && applied.data.length > 0;
  return steps.map((step) => (wrote && isDataStep(step) ? step : asStep([])));
}

function asStep(changes: readonly Change[]): SchemaStep {
  return { describe: ['undoes what was applied'], changes };
}
