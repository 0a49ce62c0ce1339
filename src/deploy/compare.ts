import type { Db } from 'mongodb';
import { mayBeWorkOf, type AcceptedAsMissing } from '../history';
import type { KeptFold } from '../project';
import { foldMigrations } from '../migration/fold-migrations';
import type { Migration } from '../migration/types';
import {
  describePlace,
  diff,
  documentKeys,
  isNamedKind,
  namesOfChanges,
  overlaps,
  renameCommand,
  reopenCommand,
  summarize,
  timeSeriesOf,
  wirePlace,
} from '../schema';
import { readSchema, type LiveSchema } from '../database';
import { errorCodeOf } from '../support/error-codes';
import { reasonOf } from '../support/schema-error';
import type { CollectionOptions, Location, Schema, SchemaSummary } from '../schema';

/** How the database compares with the result of the applied migrations. */
export interface Comparison {
  /** Places that this run changed and that are not as expected. */
  readonly wrong: readonly string[];
  /** Places that differ although this run did not change them. Someone else changed them. */
  readonly drift: readonly string[];
  /** Collections that a drop has left closed for writes or under another name, each with the command that restores it. */
  readonly leftByDrops: readonly string[];
  /** A summary of what the database has now. */
  readonly schema: SchemaSummary;
  /** Why the comparison was impossible. The migrations may not fit together after a file was accepted as edited or missing. */
  readonly obstacle?: string;
}

/**
 * Compares the database with the fold of the applied migrations: the schema that they make in the order in which they were applied. The
 * changes of migrations that were accepted as missing are unknown, so their places are not reported as drift. Once a plain migration is
 * applied, collections and views that no other migration makes are not reported as drift either.
 */
export async function compareWith(
  db: Db,
  { schema: expected, isOfPlain }: KeptFold,
  touched: readonly Location[],
  missing: readonly AcceptedAsMissing[] = [],
): Promise<Comparison> {
  // A collection that no migration mentions is reported as a whole. Its indexes are not read, since this user may lack the privilege.
  const indexes = new Set(Object.keys(expected));
  const live = await readSchema(db, { documents: documentKeys(expected), indexes });
  const { schema } = live;
  const isTouched = (location: Location) => touched.some((one) => overlaps(one, location));
  const differing = diff(expected, schema).filter(
    ({ kind, place, to }) =>
      Object.hasOwn(expected, place.collection) || (isNamedKind(kind) && !isOfPlain && !isSeries(to)),
  );
  return {
    wrong: differing.filter(isTouched).map((change) => describePlace(change)),
    drift: differing
      .filter((change) => !isTouched(change) && !mayBeWorkOf(missing, wirePlace(change)))
      .map((change) => describePlace(change)),
    leftByDrops: describeLeft(live),
    schema: summarize(Object.fromEntries(Object.entries(schema).filter(([name]) => Object.hasOwn(expected, name)))),
  };
}

/** Reads the database when it cannot be compared, because the applied migrations do not fit together. */
export async function compareUnfolded(db: Db, applied: readonly Migration[], obstacle: string): Promise<Comparison> {
  const live = await readSchema(db, { indexes: namesOfChanges(applied.flatMap(({ changes }) => changes)) });
  return { wrong: [], drift: [], schema: summarize(live.schema), leftByDrops: describeLeft(live), obstacle };
}

/** Returns whether a value contains the options of a time series. A time series that no migration makes is not drift. */
function isSeries(value: unknown): boolean {
  return timeSeriesOf(value as CollectionOptions | undefined) !== undefined;
}

function describeLeft({ closed, setAside }: LiveSchema): string[] {
  return [
    ...[...closed].map(
      ([name, before]) =>
        `the collection ${name} is closed for writes. To open it, in mongosh: ${reopenCommand(name, before)}`,
    ),
    ...[...setAside.values()].flatMap(({ name, was, before, isPlaceholder }) => {
      if (isPlaceholder || was === undefined) return [];
      const commands = [renameCommand(name, was), ...(before ? [reopenCommand(was, before)] : [])];
      return [`the collection ${was} was renamed to ${name}. To restore it, in mongosh: ${commands.join('; ')}`];
    }),
  ];
}

/** Returns the schema that the migrations make, or a text that says why they do not fit together. */
export function foldIfTheyFit(applied: readonly Migration[]): Schema | string {
  try {
    return foldMigrations(applied);
  } catch (error) {
    if (errorCodeOf(error) === 'FOLD') return reasonOf(error);
    throw error;
  }
}
