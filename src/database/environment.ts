import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { SchemaError } from '../support/schema-error';
import { changelogNameProblem } from '../schema/own-collections';
import { MongoUrl } from '../support/mongo-url';
import { databaseName, databaseProblem, readUrl } from './connection-string';

/** What the environment says. */
export interface Config {
  /** Absent when MONGODB_URL is not set. */
  readonly url?: MongoUrl;
  /** Absent when neither MONGODB_DATABASE nor the URL names one. */
  readonly database?: string;
  /** Where backups are restored for a trial; absent when MONGODB_VERIFY_URL is not set. */
  readonly verifyUrl?: MongoUrl;
  /** The migrations that may delete documents, going up or down. */
  readonly allowDataLoss: readonly string[];
  readonly allowSharded: boolean;
  /** The collection that says what is applied; absent when MONGODB_CHANGELOG is not set. */
  readonly changelog?: string;
  /** The folder of the migrations; absent when SCHEMA_MIGRATIONS is not set. */
  readonly migrations?: string;
  /** Where schema.json and SCHEMA.md are; absent when SCHEMA_FOLDER is not set. */
  readonly schemaFolder?: string;
  /** The commit that the history names; absent when SCHEMA_COMMIT is not set. */
  readonly commit?: string;
  /** How long the lease of a run that died stays taken. */
  readonly leaseSeconds: number;
}

/** What a bare `npx migrate-mongo`, and a bare scripts/backup_db.sh, use when MONGODB_URL is not set. Nothing else ever does. */
export const defaultUrl = 'mongodb://localhost:27017';

const flag = z
  .enum(['', '0', 'false', '1', 'true'], 'is neither 1 nor 0')
  .transform((value) => value === '1' || value === 'true');

// The text of a connection string may hold a password, so no message repeats it.
const connectionString = z.string().transform((text, context) => {
  const url = readUrl(text);
  if (url instanceof MongoUrl) return url;
  context.addIssue({ code: 'custom', message: url.problem });
  return z.NEVER;
});

const collectionName = z.string().superRefine((name, context) => {
  const problem = changelogNameProblem(name);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `cannot name a collection: ${problem}` });
});

const environment = z.object({
  MONGODB_VERIFY_URL: connectionString,
  MONGODB_DATABASE: databaseName,
  MONGODB_CHANGELOG: collectionName,
  SCHEMA_ALLOW_DATA_LOSS: z.string(),
  SCHEMA_ALLOW_SHARDED: flag,
  SCHEMA_COMMIT: z.string(),
  SCHEMA_MIGRATIONS: z.string(),
  SCHEMA_FOLDER: z.string(),
  SCHEMA_LEASE_SECONDS: z.coerce.number().pipe(z.int().min(10).max(30)),
});

/**
 * Reads the configuration from the environment.
 * @throws error with code `USAGE` that lists everything that is wrong with it; never a password.
 */
export function readConfig(variables: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const { MONGODB_URL: text, ...others } = set;
  // By itself: the password is looked for whatever is wrong with the others.
  const named = connectionString.optional().safeParse(text);
  const parsed = environment.partial().safeParse(others);
  const { url, problem } = withPassword(named.data, set['MONGODB_PASSWORD_FILE']);
  // The database in the path of the URL may be the one that keeps the user, when another one is named.
  const unusable = url && set['MONGODB_DATABASE'] === undefined ? databaseProblem(url) : undefined;
  if (!named.success || !parsed.success || problem !== undefined || unusable !== undefined) {
    const problems = [
      ...(named.error?.issues ?? []).map(({ message }) => `MONGODB_URL ${message}`),
      ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`),
    ];
    if (unusable !== undefined) problems.push(`MONGODB_URL ${unusable}`);
    if (problem !== undefined) problems.push(`MONGODB_PASSWORD_FILE ${problem}`);
    throw new SchemaError('USAGE', 'The environment is wrong, so nothing was started', {
      why: problems,
      fix: 'correct these variables, in the environment or in .env',
    });
  }
  const { MONGODB_VERIFY_URL: verifyUrl, MONGODB_DATABASE, SCHEMA_ALLOW_DATA_LOSS = '' } = parsed.data;
  const { MONGODB_CHANGELOG: changelog } = parsed.data;
  const { SCHEMA_MIGRATIONS: migrations, SCHEMA_FOLDER: schemaFolder, SCHEMA_COMMIT: commit } = parsed.data;
  const database = MONGODB_DATABASE ?? url?.database;
  return {
    ...(url !== undefined && { url }),
    ...(verifyUrl !== undefined && { verifyUrl }),
    ...(database !== undefined && { database }),
    ...(changelog !== undefined && { changelog }),
    allowDataLoss: SCHEMA_ALLOW_DATA_LOSS.split(',')
      .map((name) => name.trim())
      .filter(Boolean)
      .map((name) => (name.endsWith('.ts') ? name : `${name}.ts`)),
    ...(commit !== undefined && { commit }),
    ...(migrations !== undefined && { migrations }),
    ...(schemaFolder !== undefined && { schemaFolder }),
    allowSharded: parsed.data.SCHEMA_ALLOW_SHARDED ?? false,
    leaseSeconds: parsed.data.SCHEMA_LEASE_SECONDS ?? 30,
  };
}

/**
 * The connection string with the password from MONGODB_PASSWORD_FILE in it. Given that way, a password stands neither in
 * the environment, which `docker inspect` and /proc show, nor on a command line.
 */
function withPassword(
  url: MongoUrl | undefined,
  file: string | undefined,
): { readonly url?: MongoUrl | undefined; readonly problem?: string } {
  if (file === undefined) return { url };
  if (!url?.username) return { problem: 'needs a MONGODB_URL that names the user: mongodb://user@host:27017/database' };
  if (url.password) return { problem: 'gives a password, and MONGODB_URL holds one as well: leave one of them out' };
  const read = readPassword(file);
  if ('problem' in read) return read;
  const password = encodeURIComponent(read.password);
  if (password === '') return { problem: `names an empty file: ${file}` };
  return { url: url.with((parsed) => (parsed.password = password)) };
}

/** In bytes. No password is longer, and some other file may be. */
const longestPassword = 4096;

/** What no editor shows and no server expects is named: a login that is refused would tell nobody of it. */
function readPassword(file: string): { readonly password: string } | { readonly problem: string } {
  let bytes: Buffer;
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    const { size } = fstatSync(opened);
    if (size > longestPassword) return { problem: `names a file of ${size} bytes, which holds no password: ${file}` };
    bytes = readFileSync(opened);
  } catch (error) {
    return { problem: `names a file that cannot be read: ${(error as Error).message}` };
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
  const isUtf16 = [0xff_fe, 0xfe_ff].includes(bytes.length > 1 ? bytes.readUInt16BE(0) : 0) || bytes.includes(0);
  if (isUtf16) return { problem: `names a file in UTF-16: save it as UTF-8 without a byte order mark: ${file}` };
  if (bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) {
    return { problem: `names a file that begins with a byte order mark: save it as UTF-8 without one: ${file}` };
  }
  if (!isUtf8(bytes)) return { problem: `names a file that is not text in UTF-8: ${file}` };
  return { password: bytes.toString().replace(/\r?\n$/, '') };
}
