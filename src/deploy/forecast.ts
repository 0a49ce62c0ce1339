import type { Db } from 'mongodb';
import { sizeOf, type CollectionSize } from '../database';
import { pausesIn } from '../execute';
import type { RecordedWork, StoredEvent, WorkKind } from '../history';
import { isDataStep, type Migration, type StepUpdate } from '../migration';
import { isTextKey } from '../schema';
import type { PlannedMigration } from './preflight';
import { expectedTime } from './rates';

/** How long a pending index build or backfill will take on this server. */
export interface Forecast {
  readonly migration: string;
  readonly kind: WorkKind;
  readonly collection: string;
  /** The names of the indexes that one command builds. Empty for a backfill. */
  readonly indexes: readonly string[];
  /** The number of documents in the collection. */
  readonly documents: number;
  /** The uncompressed size of the documents, in bytes. */
  readonly bytes: number;
  /** The expected time, and the bounds of the likely range (`least`, `most`), in milliseconds. */
  readonly milliseconds: number;
  readonly least: number;
  readonly most: number;
  /** The number of earlier measurements that the forecast uses. If this number is 0, the forecast uses cautious default rates. */
  readonly measured: number;
}

/**
 * Forecasts how long pending work will take, from the sizes of the collections and from the times of earlier runs on this database. There
 * is no forecast for a collection that does not exist yet, or whose size this user may not read.
 * @param planned the plans of the pending migrations
 * @param pending the pending migrations, in the same order
 * @param readHistory reads the events with earlier measurements; called only if there is something to forecast
 */
export async function forecastAll(
  db: Db,
  planned: readonly PlannedMigration[],
  pending: readonly Pick<Migration, 'steps'>[],
  readHistory: () => Promise<readonly StoredEvent[]>,
): Promise<Forecast[]> {
  const pieces = planned.flatMap((one, at) => [...buildsIn(one), ...backfillsIn(one, pending[at]?.steps ?? [])]);
  const names = [...new Set(pieces.map(({ collection }) => collection))];
  const created = new Set(planned.flatMap(collectionsMadeBy));
  const there = names.filter((name) => !created.has(name));
  const sizes = new Map(await Promise.all(there.map(async (name) => [name, await sizeOf(db, name)] as const)));
  const known = pieces.flatMap((piece) => {
    const size = sizes.get(piece.collection);
    return size && size.documents > 0 ? [{ piece, size }] : [];
  });
  if (known.length === 0) return [];
  const work = (await readHistory()).flatMap(({ work: done = [] }) => done);
  return known.map(({ piece, size }) => forecast(piece, size, work));
}

/** Returns the collections that a pending migration creates. */
function collectionsMadeBy({ changes }: PlannedMigration): string[] {
  return changes.flatMap(({ change: { kind, from, place }, verdict }) =>
    kind === 'collection' && from === undefined && verdict === 'pending' ? [place.collection] : [],
  );
}

/** A piece of pending work: one index build command or one backfill. */
interface Piece extends Pick<Forecast, 'migration' | 'kind' | 'collection' | 'indexes'> {
  /** The number of documents that the backfill updates. Undefined if this is not known yet. */
  readonly matches?: number | undefined;
  /** The update of a backfill. Absent for an index build. */
  readonly update?: StepUpdate;
}

function forecast({ matches, update, ...piece }: Piece, size: CollectionSize, work: readonly RecordedWork[]): Forecast {
  const { kind, collection, indexes } = piece;
  const { documents } = size;
  const matched = update ? Math.min(matches ?? documents, documents) : 0;
  const { measured, ...times } = expectedTime(work, { ...size, kind, collection, indexes: indexes.length, matched });
  const paused = update ? pausesIn(update, documents) : 0;
  const [milliseconds, least, most] = [times.milliseconds, times.least, times.most].map((time) =>
    Math.round(time + paused),
  ) as [number, number, number];
  return { ...piece, ...size, milliseconds, least, most, measured };
}

/** Returns the index builds of a migration, one piece for each collection, because one command usually builds all of them. */
function buildsIn({ name, changes }: PlannedMigration): Piece[] {
  const pieces: (Piece & { kind: WorkKind; readonly indexes: string[] })[] = [];
  for (const { change, verdict } of changes) {
    if (change.kind !== 'index' || change.to === undefined || verdict !== 'pending') continue;
    const kind = isTextKey(change.to.key) ? 'text index build' : 'index build';
    const { collection } = change.place;
    const piece = pieces.find((one) => one.collection === collection);
    if (!piece) pieces.push({ migration: name, kind, collection, indexes: [change.place.name] });
    else {
      piece.indexes.push(change.place.name);
      // If one of the indexes is a text index, it takes most of the time, so the whole build counts as a text index build.
      if (kind === 'text index build') piece.kind = kind;
    }
  }
  return pieces;
}

/** Returns the data steps of a migration that declare what they update. */
function backfillsIn({ name, dataSteps }: PlannedMigration, steps: Migration['steps']): Piece[] {
  return steps.filter(isDataStep).flatMap((step, at): Piece[] => {
    const update = step.updates?.up;
    if (!update) return [];
    const kind = update.once ? 'backfill once' : 'backfill';
    return [
      { migration: name, kind, collection: update.collection, indexes: [], update, matches: dataSteps[at]?.matches },
    ];
  });
}
