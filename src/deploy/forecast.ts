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
  /** What one command builds; empty for a backfill. */
  readonly indexes: readonly string[];
  /** Of the collection. */
  readonly documents: number;
  /** Of the documents, uncompressed. */
  readonly bytes: number;
  /** In milliseconds: what is expected, and between what it will probably be. */
  readonly milliseconds: number;
  readonly least: number;
  readonly most: number;
  /** How many pieces of such work that were done here it goes by; 0 where there were none, and it goes by cautious rates. */
  readonly measured: number;
}

/**
 * How long what is pending will take, by how much the collections hold and by what earlier runs took here. What is not there yet, and what
 * this user may not know the size of, has no forecast.
 * @param pending the migrations that were planned, in the same order
 * @param readHistory reads what was measured, if there is anything to forecast
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

/** The collections that are not there yet. */
function collectionsMadeBy({ changes }: PlannedMigration): string[] {
  return changes.flatMap(({ change: { kind, from, place }, verdict }) =>
    kind === 'collection' && from === undefined && verdict === 'pending' ? [place.collection] : [],
  );
}

/** What is to be done in one go. */
interface Piece extends Pick<Forecast, 'migration' | 'kind' | 'collection' | 'indexes'> {
  /** How many documents it updates; undefined where that is not known yet. */
  readonly matches?: number | undefined;
  /** What a backfill does. */
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

/** The index builds of a migration. Those of a collection are one command, mostly. */
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
      // One text index among others takes most of the time.
      if (kind === 'text index build') piece.kind = kind;
    }
  }
  return pieces;
}

/** The data steps of a migration that say what they update. */
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
