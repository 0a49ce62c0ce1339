import type { Db } from 'mongodb';
import { mayBeWorkOf, type AcceptedAsMissing } from '../history';
import { foldMigrations, isPlain, type Migration } from '../migration';
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

/** How the database stands to what the applied migrations lead to. */
export interface Comparison {
  /** Places that the run touched and that are not as they should be. */
  readonly wrong: readonly string[];
  /** Places that it did not touch and that differ: somebody else's work. */
  readonly drift: readonly string[];
  /** Collections that a drop has left closed or under another name, each with the command that brings it back. */
  readonly leftByDrops: readonly string[];
  /** What there is, of what migrations make. */
  readonly schema: SchemaSummary;
  /** Why nothing could be compared: a file that was accepted as edited or missing leaves migrations that do not fit. */
  readonly obstacle?: string;
}

/**
 * Compares the database with the fold of the applied migrations, in the order in which they were applied. Where migrations
 * that were accepted as missing made something, nobody knows what should be there: that is no drift. Nor is a collection
 * or a view that no migration knows, once a plain one is applied.
 */
export async function compareWithFold(
  db: Db,
  applied: readonly Migration[],
  touched: readonly Location[],
  missing: readonly AcceptedAsMissing[] = [],
): Promise<Comparison> {
  const expected = foldIfTheyFit(applied);
  if (typeof expected === 'string') {
    const live = await readSchema(db, { indexes: namesOfChanges(applied.flatMap(({ changes }) => changes)) });
    const known = { schema: summarize(live.schema), leftByDrops: describeLeft(live) };
    return { wrong: [], drift: [], ...known, obstacle: expected };
  }
  // A collection that migrations know nothing of is one finding, so its indexes are not read: this user may not be allowed to.
  const indexes = new Set(Object.keys(expected));
  const live = await readSchema(db, { documents: documentKeys(expected), indexes });
  const { schema } = live;
  const isTouched = (location: Location) => touched.some((one) => overlaps(one, location));
  const isOfPlain = applied.some(isPlain);
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

/** One that no migration knows is nothing that anybody has to put right. */
function isSeries(value: unknown): boolean {
  return timeSeriesOf(value as CollectionOptions | undefined) !== undefined;
}

function describeLeft({ closed, setAside }: LiveSchema): string[] {
  return [
    ...[...closed].map(
      ([name, before]) =>
        `the collection ${name} is closed, and takes no writes. To open it, in mongosh: ${reopenCommand(name, before)}`,
    ),
    ...[...setAside.values()].flatMap(({ name, was, before, isPlaceholder }) => {
      if (isPlaceholder || was === undefined) return [];
      const commands = [renameCommand(name, was), ...(before ? [reopenCommand(was, before)] : [])];
      return [`what was the collection ${was} is ${name} now. To bring it back, in mongosh: ${commands.join('; ')}`];
    }),
  ];
}

/** The schema that they lead to, or why they do not fit each other. */
export function foldIfTheyFit(applied: readonly Migration[]): Schema | string {
  try {
    return foldMigrations(applied);
  } catch (error) {
    if (errorCodeOf(error) === 'FOLD') return reasonOf(error);
    throw error;
  }
}
