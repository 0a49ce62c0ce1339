import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { SchemaError } from '../support/schema-error';
import { changelogNameProblem } from '../schema/own-collections';
import { MongoUrl } from '../support/mongo-url';
import { databaseName, databaseProblem, readUrl } from './connection-string';

/** The settings from the environment. */
export interface Config {
  /** Undefined when MONGODB_URL is not set. */
  readonly url?: MongoUrl;
  /** Undefined when neither MONGODB_DATABASE nor the URL names one. */
  readonly database?: string;
  /** The server for test restores; undefined when MONGODB_VERIFY_URL is not set. */
  readonly verifyUrl?: MongoUrl;
  /** The migrations that may delete documents, going up or down. */
  readonly allowDataLoss: readonly string[];
  readonly allowSharded: boolean;
  /** The collection of the changelog; undefined when MONGODB_CHANGELOG is not set. */
  readonly changelog?: string;
  /** The folder of the migrations; undefined when SCHEMA_MIGRATIONS is not set. */
  readonly migrations?: string;
  /** The folder of schema.json and SCHEMA.md; undefined when SCHEMA_FOLDER is not set. */
  readonly schemaFolder?: string;
  /** The commit that the history records; undefined when SCHEMA_COMMIT is not set. */
  readonly commit?: string;
  /** How long the lease lasts after its run has died. */
  readonly leaseSeconds: number;
}

/** The server for a bare `npx migrate-mongo`, and a bare scripts/backup_db.sh, when MONGODB_URL is not set. Nothing else uses it. */
export const defaultUrl = 'mongodb://localhost:27017';

const flag = z
  .enum(['', '0', 'false', '1', 'true'], 'must be 1 or 0')
  .transform((value) => value === '1' || value === 'true');

// A connection string may hold a password, so no message repeats it.
const connectionString = z.string().transform((text, context) => {
  const url = readUrl(text);
  if (url instanceof MongoUrl) return url;
  context.addIssue({ code: 'custom', message: url.problem });
  return z.NEVER;
});

const collectionName = z.string().superRefine((name, context) => {
  const problem = changelogNameProblem(name);
  if (problem !== undefined)
    context.addIssue({ code: 'custom', message: `is not a valid collection name: ${problem}` });
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
 * @throws error with code `USAGE` that lists every invalid setting, without passwords
 */
export function readConfig(variables: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const { MONGODB_URL: text, ...others } = set;
  // Parsed separately, so that the password file is checked even if other settings are invalid.
  const named = connectionString.optional().safeParse(text);
  const parsed = environment.partial().safeParse(others);
  const { url, problem } = withPassword(named.data, set['MONGODB_PASSWORD_FILE']);
  // If another database is named, the one in the URL may only be the database of the user.
  const unusable = url && set['MONGODB_DATABASE'] === undefined ? databaseProblem(url) : undefined;
  if (!named.success || !parsed.success || problem !== undefined || unusable !== undefined) {
    const problems = [
      ...(named.error?.issues ?? []).map(({ message }) => `MONGODB_URL ${message}`),
      ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`),
    ];
    if (unusable !== undefined) problems.push(`MONGODB_URL ${unusable}`);
    if (problem !== undefined) problems.push(`MONGODB_PASSWORD_FILE ${problem}`);
    throw new SchemaError('USAGE', 'The environment is invalid, so nothing was started', {
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
 * Returns the connection string with the password from MONGODB_PASSWORD_FILE. This way a password is neither in
 * the environment, which `docker inspect` and /proc show, nor on a command line.
 */
function withPassword(
  url: MongoUrl | undefined,
  file: string | undefined,
): { readonly url?: MongoUrl | undefined; readonly problem?: string } {
  if (file === undefined) return { url };
  if (!url?.username) return { problem: 'needs a MONGODB_URL with a user: mongodb://user@host:27017/database' };
  if (url.password) return { problem: 'gives a password, but MONGODB_URL contains one too: remove one of them' };
  const read = readPassword(file);
  if ('problem' in read) return read;
  const password = encodeURIComponent(read.password);
  if (password === '') return { problem: `names an empty file: ${file}` };
  return { url: url.with((parsed) => (parsed.password = password)) };
}

/** In bytes. No password is longer, so the file must be something else. */
const longestPassword = 4096;

/** Reads the password. Reports characters that editors hide and servers refuse, because a refused login would not explain them. */
function readPassword(file: string): { readonly password: string } | { readonly problem: string } {
  let bytes: Buffer;
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    const { size } = fstatSync(opened);
    if (size > longestPassword)
      return { problem: `names a file of ${size} bytes, which cannot be a password: ${file}` };
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
