import { readFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { z } from 'zod';

/** What the environment says. */
export interface Config {
  /** Absent when MONGODB_URL is not set. */
  readonly url?: string;
  readonly database: string;
  /** Where backups are restored for a trial; absent when MONGODB_VERIFY_URL is not set. */
  readonly verifyUrl?: string;
  /** The migrations whose `down` may lose documents. */
  readonly allowDataLoss: readonly string[];
  readonly allowSharded: boolean;
  /** How long the lease of a run that died stays taken. */
  readonly leaseSeconds: number;
}

/** What a bare `npx migrate-mongo`, and a bare scripts/backup_db.sh, use when MONGODB_URL is not set. Nothing else ever does. */
export const defaultUrl = 'mongodb://localhost:27017';

const defaultDatabase = 'sentimatrix_studio';
const serverDatabases = new Set(['admin', 'local', 'config']);

const databaseName = z
  .string()
  .refine((name) => Buffer.byteLength(name) <= 63, 'is longer than 63 bytes')
  .regex(/^[^/\\. "$*<>:|?\0]+$/, 'has a character that a database name cannot have')
  .refine((name) => !serverDatabases.has(name), 'belongs to the server');

/** Why no database can have a name; undefined for one that can. */
export function databaseNameProblem(name: string): string | undefined {
  return databaseName
    .safeParse(name)
    .error?.issues.map(({ message }) => message)
    .join(' and ');
}

const flag = z
  .enum(['', '0', 'false', '1', 'true'], 'is neither 1 nor 0')
  .transform((value) => value === '1' || value === 'true');

// The text of a connection string may hold a password, so no message repeats it.
const connectionString = z.string().superRefine((url, context) => {
  const problem = problemOfUrl(url);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const environment = z.object({
  MONGODB_URL: connectionString,
  MONGODB_VERIFY_URL: connectionString,
  MONGODB_DATABASE: databaseName,
  SCHEMA_ALLOW_DATA_LOSS: z.string(),
  SCHEMA_ALLOW_SHARDED: flag,
  SCHEMA_LEASE_SECONDS: z.coerce.number().pipe(z.int().min(2).max(30)),
});

/**
 * Reads the configuration from the environment.
 * @throws Error with code `USAGE` that lists everything that is wrong with it; never a password.
 */
export function readConfig(variables: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.partial().safeParse(set);
  const { url, problem } = withPassword(set);
  if (!parsed.success || problem !== undefined) {
    const problems = (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`);
    if (problem !== undefined) problems.push(`MONGODB_PASSWORD_FILE ${problem}`);
    const message = `The environment is wrong, so nothing was started.\n  ${problems.join('\n  ')}`;
    throw Object.assign(new Error(message), { code: 'USAGE' });
  }
  const { MONGODB_VERIFY_URL: verifyUrl, MONGODB_DATABASE, SCHEMA_ALLOW_DATA_LOSS = '' } = parsed.data;
  return {
    ...(url !== undefined && { url }),
    ...(verifyUrl !== undefined && { verifyUrl }),
    database: MONGODB_DATABASE ?? databaseOf(url) ?? defaultDatabase,
    allowDataLoss: SCHEMA_ALLOW_DATA_LOSS.split(',')
      .map((name) => name.trim())
      .filter(Boolean)
      .map((name) => (name.endsWith('.ts') ? name : `${name}.ts`)),
    allowSharded: parsed.data.SCHEMA_ALLOW_SHARDED ?? false,
    leaseSeconds: parsed.data.SCHEMA_LEASE_SECONDS ?? 30,
  };
}

/**
 * The connection string with the password from MONGODB_PASSWORD_FILE in it. Given that way, a password stands neither in
 * the environment, which `docker inspect` and /proc show, nor on a command line.
 */
function withPassword({ MONGODB_URL: url, MONGODB_PASSWORD_FILE: file }: NodeJS.ProcessEnv): {
  readonly url?: string | undefined;
  readonly problem?: string;
} {
  if (file === undefined) return { url };
  const parsed = url === undefined ? undefined : parseUrl(url);
  if (!parsed?.username)
    return { problem: 'needs a MONGODB_URL that names the user: mongodb://user@host:27017/database' };
  if (parsed.password) return { problem: 'gives a password, and MONGODB_URL holds one as well: leave one of them out' };
  try {
    parsed.password = encodeURIComponent(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    return { problem: `names a file that cannot be read: ${(error as Error).message}` };
  }
  return parsed.password === '' ? { problem: `names an empty file: ${file}` } : { url: parsed.toString() };
}

function parseUrl(url: string): ConnectionString | undefined {
  try {
    return new ConnectionString(url);
  } catch {
    return undefined;
  }
}

function problemOfUrl(url: string): string | undefined {
  const refusal = refusalOf(url);
  if (refusal !== undefined) return refusal;
  const database = databaseOf(url);
  const named = database === undefined ? undefined : databaseName.safeParse(database);
  if (named?.success !== false) return undefined;
  const why = named.error.issues.map(({ message }) => message).join(' and ');
  return `names a database that ${why}; set MONGODB_DATABASE, and authSource in the URL where users are kept elsewhere`;
}

/** Why the driver would not take it. Of its messages only one is told: others may repeat a password. */
function refusalOf(url: string): string | undefined {
  try {
    decodeURIComponent(new ConnectionString(url).pathname);
    new MongoClient(withoutOverridden(url).url, clientOptions);
    return undefined;
  } catch (error) {
    const unknown = /^options? (.+) (?:is|are) not supported$/.exec((error as Error).message)?.[1];
    if (unknown !== undefined) return `has options that do not exist: ${unknown}`;
    return 'is no connection string: mongodb://host:27017/database, with special characters in a password %-encoded';
  }
}

function databaseOf(url: string | undefined): string | undefined {
  const path = url === undefined ? '' : (parseUrl(url)?.pathname ?? '').slice(1);
  return path === '' ? undefined : decodeURIComponent(path);
}

/**
 * Options in a connection string that would make the bookkeeping less than durable, read it from a secondary, or end a
 * long index build in the client.
 */
const overridden = [
  'w',
  'j',
  'journal',
  'wtimeout',
  'wtimeoutMS',
  'readPreference',
  'readPreferenceTags',
  'maxStalenessSeconds',
  'readConcernLevel',
  'socketTimeoutMS',
  'timeoutMS',
];

/** The connection string without the options that migrations set themselves, and the names of those left out. */
export function withoutOverridden(url: string): { url: string; dropped: string[] } {
  const parsed = new ConnectionString(url);
  const names = [...parsed.searchParams.keys()];
  const dropped = names.filter((name) => overridden.some((option) => option.toLowerCase() === name.toLowerCase()));
  for (const name of dropped) parsed.searchParams.delete(name);
  return { url: parsed.toString(), dropped };
}

/** How migrations connect: majority in both directions, the primary, and no socket time limit (an index build is long). */
export const clientOptions = {
  appName: 'sentimatrix-schema',
  writeConcern: { w: 'majority' },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 10_000,
} as const;
