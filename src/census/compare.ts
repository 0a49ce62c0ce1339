import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { reasonOf, SchemaError } from '../support/schema-error';
import type { Census, CollectionCensus } from './census';
import { overlap, shareOf, type Share } from './share';

/** What became another one between two censuses, beyond what chance explains. */
export interface CensusChange {
  readonly collection: string;
  /** A field, or a field with one of its types: `rating string`. Absent where the whole collection came or went. */
  readonly what?: string;
  /** Absent where it was not there at all. */
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

/** What a comparison takes of a census. */
export interface EarlierCensus {
  readonly at: string;
  readonly collections: Readonly<Record<string, Counted>>;
}

/**
 * What `census --json` has printed.
 * @throws error with code `USAGE` for a file that cannot be read, or holds something else.
 */
export async function readCensus(file: string): Promise<EarlierCensus> {
  const fix = 'name a file that `schema census --json` has written';
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new SchemaError('USAGE', `${file} cannot be read`, { why: reasonOf(error), fix });
  });
  try {
    return earlier.parse(JSON.parse(text));
  } catch (error) {
    throw new SchemaError('USAGE', `${file} is no census`, { fix, cause: error });
  }
}

/** What differs, collection by collection, of those that both have looked at, and the collections that came. */
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

/** How many documents have a field, and how many values of it have a type. */
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
