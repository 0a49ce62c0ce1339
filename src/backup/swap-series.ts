import type { Binary, Db, Document } from 'mongodb';
import { majority } from '../database';
import { SchemaError } from '../support/schema-error';
import { decodeSeries, encode, type Standing, type Thing } from './swap-plan';

type Series = Thing & { readonly kind: 'timeseries' };

/**
 * Copies a time series, because it cannot be renamed. The copy gets its name only when it is complete. The indexes are built later, by
 * `finishSeries`.
 */
export async function copySeries(db: Db, from: string, to: string, series: Series): Promise<void> {
  const { options } = decodeSeries(series.definition);
  const { bucketMaxSpanSeconds, bucketRoundingSeconds, ...timeseries } = options['timeseries'] as Record<
    string,
    unknown
  >;
  const spans = timeseries['granularity'] === undefined ? { bucketMaxSpanSeconds, bucketRoundingSeconds } : {};
  const out = { db: db.databaseName, coll: to, timeseries: { ...timeseries, ...spans } };
  await db
    .collection(from)
    .aggregate([{ $out: out }], { writeConcern: majority })
    .toArray();
}

/** How often a series is copied, at most, if an application keeps writing to it. */
const mostCopies = 5;

/**
 * Copies a time series before it is dropped. Repeats this until the copy has as many documents as the series.
 * @throws error with code `BLOCKED` when an application keeps writing to the series, since these writes would be lost
 */
export async function copyWhole(db: Db, from: string, to: string, series: Series, isCopied: boolean): Promise<void> {
  const count = (name: string) => db.collection(name).countDocuments({}, { readConcern: { level: 'local' } });
  if (!isCopied) await copySeries(db, from, to, series);
  for (let copies = 1; (await count(to)) !== (await count(from)); copies++) {
    if (copies === mostCopies) {
      throw new SchemaError('BLOCKED', `Cannot exchange ${from}: it is a time series that is being written to`, {
        why: 'a time series cannot be renamed, and writes during the copy would be lost',
        fix: 'stop writing to it until the exchange has ended',
      });
    }
    await dropSeries(db, to);
    await copySeries(db, from, to, series);
  }
}

/** Adds what a copy still lacks: its indexes and its TTL. */
export async function finishSeries(db: Db, name: string, series: Series): Promise<void> {
  const { options, indexes } = decodeSeries(series.definition);
  if (indexes.length > 0) await db.command({ createIndexes: name, indexes, writeConcern: majority });
  const expireAfterSeconds: unknown = options['expireAfterSeconds'];
  if (expireAfterSeconds !== undefined) {
    await db.command({ collMod: name, expireAfterSeconds, writeConcern: majority });
  }
}

/** Drops a time series by its name, because the command accepts no UUID of a time series. */
export async function dropSeries(db: Db, name: string): Promise<void> {
  await db.command({ drop: name, writeConcern: majority });
}

/** Returns the options and indexes of a time series, from which an equal series can be created. */
export async function definitionOfSeries(db: Db, name: string, standing: Standing): Promise<Binary> {
  const found = await db.command({ listIndexes: name, cursor: { batchSize: 1000 } }, { promoteValues: false });
  const { firstBatch } = found['cursor'] as { firstBatch: Document[] };
  const indexes = firstBatch.map(({ v: _version, ...index }) => index);
  return encode({ options: standing.get(name)?.options ?? {}, indexes });
}
