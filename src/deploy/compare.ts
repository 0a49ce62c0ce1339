import type { Db } from 'mongodb';
import { foldMigrations, type Migration } from '../migration';
import { describePlace, diff, documentKeys, overlaps, readSchema, summarize } from '../schema';
import type { Place, Schema, SchemaSummary } from '../schema';

/** How the database stands to what the applied migrations lead to. */
export interface Comparison {
  /** Places that the run touched and that are not as they should be. */
  readonly wrong: readonly string[];
  /** Places that it did not touch and that differ: somebody else's work. */
  readonly drift: readonly string[];
  /** What there is, of what migrations make. */
  readonly schema: SchemaSummary;
  /** Why nothing could be compared: a file that was accepted as edited or missing leaves migrations that do not fit. */
  readonly obstacle?: string;
}

/** Compares the database with the fold of the applied migrations, in the order in which they were applied. */
export async function compareWithFold(
  db: Db,
  applied: readonly Migration[],
  touched: readonly Place[],
): Promise<Comparison> {
  const expected = foldIfTheyFit(applied);
  if (typeof expected === 'string') {
    const { schema } = await readSchema(db);
    return { wrong: [], drift: [], schema: summarize(schema), obstacle: expected };
  }
  const { schema } = await readSchema(db, { documents: documentKeys(expected) });
  const isTouched = (at: Place) => touched.some((place) => overlaps(place, at));
  const differing = diff(expected, schema)
    .map(({ at }) => at)
    // A collection that migrations know nothing of is one finding, not one for each of its indexes.
    .filter(([name, part]) => part === 'options' || Object.hasOwn(expected, name));
  return {
    wrong: differing.filter(isTouched).map(describePlace),
    drift: differing.filter((at) => !isTouched(at)).map(describePlace),
    schema: summarize(Object.fromEntries(Object.entries(schema).filter(([name]) => Object.hasOwn(expected, name)))),
  };
}

/** The schema that they lead to, or why they do not fit each other. */
export function foldIfTheyFit(applied: readonly Migration[]): Schema | string {
  try {
    return foldMigrations(applied);
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    if (code === 'FOLD') return message;
    throw error;
  }
}
