import { z } from 'zod';
import { largestUsable } from '../history';
import type { Schema } from '../schema';
import { deepest } from './bson-depth';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.int().nonnegative();

/** What an archive says of itself: its last member, `manifest.json`. */
const manifest = z.object({
  format: z.literal(1),
  database: z.string().min(1),
  /** ISO 8601, UTC: when the dump began. */
  created_at: z.iso.datetime(),
  versions: z.object({ tool: z.string(), node: z.string(), server: z.string(), mongodump: z.string() }),
  migrations: z.object({
    /** The last one in the changelog; absent in a database without any. */
    head: z.string().optional(),
    /** The collection that is the changelog; absent where it has its usual name. */
    changelog: z.string().optional(),
    applied: z.array(z.object({ name: z.string(), checksum: z.string().optional() })),
  }),
  /** The lease's token when the backup was taken: a restored database must not hand out an older one. */
  token: whole.max(largestUsable, `is not one that a run can have taken: the largest is ${largestUsable}`),
  /** What `readSchema` read: options, validators, indexes. */
  schema: z.custom<Schema>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  /** Views and time series: the kind by the name. */
  others: z.record(z.string(), z.string()),
  /** As the dump holds them. */
  collections: z.array(z.object({ name: z.string(), documents: whole, bytes: whole, sha256 })),
  /** The members that hold the dump, in order: together, one gzip file of mongodump's archive format. */
  parts: z.array(z.object({ name: z.string(), size: whole, sha256 })),
});

export type Manifest = z.infer<typeof manifest>;
export type Part = Manifest['parts'][number];

export const manifestName = 'manifest.json';

/** The name of the member that holds the part at this place, from 0. */
export function partName(at: number): string {
  return `dump/${String(at).padStart(6, '0')}.gz`;
}

/** @throws a plain Error that says what is wrong with it: the reader of the archive turns it into a SchemaError. */
export function parseManifest(text: string): Manifest {
  const value = JSON.parse(text) as { format?: unknown };
  if (typeof value.format === 'number' && value.format > 1) {
    throw new Error(`its format is ${value.format}, and this version reads 1: use the version that made it`);
  }
  if (isDeep(value)) throw new Error(`it is nested deeper than ${deepest} levels`);
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(problems.join('; '));
}

/** Whoever walks through it would run out of stack. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((one): unknown[] => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}
