import { z } from 'zod';
import { largestUsable } from '../history';
import type { Schema } from '../schema';
import { deepest } from './bson-depth';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.int().nonnegative();

/** The description of an archive: the file `manifest.json`, the last file in the archive. */
const manifest = z.object({
  format: z.literal(1),
  database: z.string().min(1),
  /** When the dump began, in UTC (ISO 8601). */
  created_at: z.iso.datetime(),
  versions: z.object({ tool: z.string(), node: z.string(), server: z.string(), mongodump: z.string() }),
  migrations: z.object({
    /** The last migration in the changelog; undefined when the changelog is empty. */
    head: z.string().optional(),
    /** The name of the changelog's collection; undefined when it is the default name. */
    changelog: z.string().optional(),
    applied: z.array(z.object({ name: z.string(), checksum: z.string().optional() })),
  }),
  /** The lease's token at the time of the backup. In a restored database, each new token must be greater. */
  token: whole.max(largestUsable, `is not a valid token: the largest is ${largestUsable}`),
  /** The result of `readSchema`: options, validators, indexes. */
  schema: z.custom<Schema>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  /** The kind of each view and time series, by name. */
  others: z.record(z.string(), z.string()),
  /** The collections of the dump. */
  collections: z.array(z.object({ name: z.string(), documents: whole, bytes: whole, sha256 })),
  /** The members that contain the dump, in order. Together, these members are one gzip file in mongodump's archive format. */
  parts: z.array(z.object({ name: z.string(), size: whole, sha256 })),
});

export type Manifest = z.infer<typeof manifest>;
export type Part = Manifest['parts'][number];

export const manifestName = 'manifest.json';

/** Returns the name of the member that contains part number `at`, counted from 0. */
export function partName(at: number): string {
  return `dump/${String(at).padStart(6, '0')}.gz`;
}

/** @throws a plain Error that says what is wrong; the reader of the archive turns it into a SchemaError */
export function parseManifest(text: string): Manifest {
  const value = JSON.parse(text) as { format?: unknown };
  if (typeof value.format === 'number' && value.format > 1) {
    throw new Error(
      `its format is ${value.format}, but this version of the tool reads only format 1: use the version that made the backup`,
    );
  }
  if (isDeep(value)) throw new Error(`it is nested deeper than ${deepest} levels`);
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(problems.join('; '));
}

/** Returns whether a value is nested so deeply that recursion would overflow the stack. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((one): unknown[] => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}
