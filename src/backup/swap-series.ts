import type { Binary, Db, Document } from 'mongodb';
import { majority } from '../database';
import { SchemaError } from '../support/schema-error';
import { decodeSeries, encode, type Standing, type Thing } from './swap-plan';

type Series = Thing & { readonly kind: 'timeseries' };

/** A time series cannot be renamed, so it is copied. The copy appears at once, when it is whole. Its indexes come after. */
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

/** A series that is written to while it is copied is copied again so many times. */
const mostCopies = 5;

/**
 * Copies a time series that is to be dropped, until the copy holds as much as the series.
 * @throws error with code `BLOCKED` when an application keeps writing to it: what it writes would be lost
 */
export async function copyWhole(db: Db, from: string, to: string, series: Series, isCopied: boolean): Promise<void> {
  const count = (name: string) => db.collection(name).countDocuments({}, { readConcern: { level: 'local' } });
  if (!isCopied) await copySeries(db, from, to, series);
  for (let copies = 1; (await count(to)) !== (await count(from)); copies++) {
    if (copies === mostCopies) {
      throw new SchemaError('BLOCKED', `Cannot exchange ${from}: it is a time series that is being written to`, {
        why: 'it cannot be renamed, and what is written while it is copied would be lost',
        fix: 'stop what writes to it for as long as the exchange takes',
      });
    }
    await dropSeries(db, to);
    await copySeries(db, from, to, series);
  }
}

/** Gives a copy what it lacks. */
export async function finishSeries(db: Db, name: string, series: Series): Promise<void> {
  const { options, indexes } = decodeSeries(series.definition);
  if (indexes.length > 0) await db.command({ createIndexes: name, indexes, writeConcern: majority });
  const expireAfterSeconds: unknown = options['expireAfterSeconds'];
  if (expireAfterSeconds !== undefined) {
    await db.command({ collMod: name, expireAfterSeconds, writeConcern: majority });
  }
}

/** A drop of a time series takes no UUID. */
export async function dropSeries(db: Db, name: string): Promise<void> {
  await db.command({ drop: name, writeConcern: majority });
}

/** What makes a time series anew, as it stands under a name. */
export async function definitionOfSeries(db: Db, name: string, standing: Standing): Promise<Binary> {
  const found = await db.command({ listIndexes: name, cursor: { batchSize: 1000 } }, { promoteValues: false });
  const { firstBatch } = found['cursor'] as { firstBatch: Document[] };
  const indexes = firstBatch.map(({ v: _version, ...index }) => index);
  return encode({ options: standing.get(name)?.options ?? {}, indexes });
}
