import type { Db } from 'mongodb';
import { describePlace, diff, documentKeys, fold, overlaps, readSchema, summarize } from '../schema';
import type { Change, Place, SchemaSummary } from '../schema';

/** How the database stands to what the applied migrations lead to. */
export interface Comparison {
  /** Places that the run touched and that are not as they should be. */
  readonly wrong: readonly string[];
  /** Places that it did not touch and that differ: somebody else's work. */
  readonly drift: readonly string[];
  /** What there is, of what migrations make. */
  readonly schema: SchemaSummary;
}

/** Compares the database with the fold of the applied migrations. */
export async function compareWithFold(
  db: Db,
  applied: readonly Change[],
  touched: readonly Place[],
): Promise<Comparison> {
  const expected = fold(applied);
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
