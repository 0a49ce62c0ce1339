import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { reasonOf, SchemaError } from '../support/schema-error';
import type { Census, CollectionCensus } from './census';
import { overlap, shareOf, type Share } from './share';

/** A difference between two censuses that is too large to be due to chance. */
export interface CensusChange {
  readonly collection: string;
  /** A field, or a field with one of its types: `rating string`. Undefined when the whole collection is new or gone. */
  readonly what?: string;
  /** Undefined when the field, type or collection did not exist before. */
  readonly before?: Share;
  readonly now?: Share;
}

const share = z.object({ count: z.number(), of: z.number(), share: z.number(), low: z.number(), high: z.number() });
const field = z.object({
  path: z.string(),
  names: z.array(z.string()),
  presence: share,
  types: z.record(z.string(), share),
});
const earlier = z.object({
  at: z.string(),
  collections: z.record(z.string(), z.object({ documents: z.number(), sampled: z.number(), fields: z.array(field) })),
});

type Counted = Pick<CollectionCensus, 'documents' | 'sampled' | 'fields'>;

/** The part of a census that a comparison uses. */
export interface EarlierCensus {
  readonly at: string;
  readonly collections: Readonly<Record<string, Counted>>;
}

/**
 * Reads a file that `census --json` has printed.
 * @throws error with code `USAGE` when the file cannot be read, or is not a census.
 */
export async function readCensus(file: string): Promise<EarlierCensus> {
  const fix = 'name a file that `schema census --json` has written';
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new SchemaError('USAGE', `${file} cannot be read`, { why: reasonOf(error), fix });
  });
  try {
    return earlier.parse(JSON.parse(text));
  } catch (error) {
    throw new SchemaError('USAGE', `${file} is not a census`, { fix, cause: error });
  }
}

/** Returns the differences of the collections that are in both censuses, and the new collections. */
export function compareCensuses(before: EarlierCensus, now: Census): CensusChange[] {
  return Object.entries(now.collections).flatMap(([collection, one]) => {
    const former = before.collections[collection];
    return former === undefined ? [{ collection }] : changesIn(collection, former, one);
  });
}

function changesIn(collection: string, before: Counted, now: Counted): CensusChange[] {
  const [had, has] = [sharesIn(before), sharesIn(now)];
  return [...new Set([...had.keys(), ...has.keys()])].flatMap((what) => {
    const [one, other] = [had.get(what), has.get(what)];
    if (overlap(one ?? noneOf(before), other ?? noneOf(now))) return [];
    return [{ collection, what, ...(one && { before: one }), ...(other && { now: other }) }];
  });
}

/** Returns the share of documents that have each field, and the share of its values that have each type. */
function sharesIn({ fields }: Counted): Map<string, Share> {
  return new Map(
    fields.flatMap(({ path, presence, types }) => [
      ...(path.endsWith('[]') ? [] : [[path, presence] as const]),
      ...Object.entries(types).map(([type, part]) => [`${path} ${type}`, part] as const),
    ]),
  );
}

function noneOf({ documents, sampled }: Counted): Share {
  return shareOf(0, sampled, sampled >= documents);
}
