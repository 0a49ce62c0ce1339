import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { SchemaError } from '../support/schema-error';
import { changelogNameProblem } from '../schema/own-collections';
import { MongoUrl } from '../support/mongo-url';
import { databaseNameProblems, databaseProblem, readUrl } from './connection-string';

/** The settings from the environment. */
export interface Config {
  /** Undefined when MONGODB_URL is not set. */
  readonly url?: MongoUrl;
  /** Undefined when neither MONGODB_DATABASE nor the URL names a database. */
  readonly database?: string;
  /** The server for test restores; undefined when MONGODB_VERIFY_URL is not set. */
  readonly verifyUrl?: MongoUrl;
  /** The migrations that may delete documents, in their `up` or their `down`. */
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
  /** How long the lease lasts after its run has died, in seconds. */
  readonly leaseSeconds: number;
}

/**
 * The server that `npx migrate-mongo` and scripts/backup_db.sh use when they are called directly and MONGODB_URL is not set. Nothing else
 * uses this default.
 */
export const defaultUrl = 'mongodb://localhost:27017';

/** The value of a setting, or the problems of an invalid value. */
type Parsed<T> = { readonly value: T } | { readonly problems: readonly string[] };

// Written without a validation library: every command reads its settings, and loading such a library took longer than the rest of this
// work.
const parsers = {
  text: (value: string): Parsed<string> => ({ value }),
  flag: (text: string): Parsed<boolean> => {
    if (['1', 'true'].includes(text)) return { value: true };
    return ['0', 'false'].includes(text) ? { value: false } : { problems: ['must be 1 or 0'] };
  },
  // A connection string may hold a password, so no message repeats the string.
  connectionString: (text: string): Parsed<MongoUrl> => {
    const url = readUrl(text);
    return url instanceof MongoUrl ? { value: url } : { problems: [url.problem] };
  },
  collectionName: (name: string): Parsed<string> => {
    const problem = changelogNameProblem(name);
    return problem === undefined ? { value: name } : { problems: [`is not a valid collection name: ${problem}`] };
  },
  databaseName: (name: string): Parsed<string> => {
    const problems = databaseNameProblems(name);
    return problems.length === 0 ? { value: name } : { problems };
  },
  leaseSeconds: (text: string): Parsed<number> => {
    const value = Number(text);
    const isPossible = Number.isInteger(value) && value >= 10 && value <= 30;
    return isPossible ? { value } : { problems: ['must be a whole number from 10 to 30'] };
  },
} as const;

/**
 * Reads the configuration from the environment.
 * @throws error with code `USAGE` that lists every invalid setting, without passwords
 */
export function readConfig(variables: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const read = <T>(name: string, parse: (text: string) => Parsed<T>): T | undefined => {
    const text = variables[name];
    if (text === undefined || text === '') return undefined;
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    problems.push(...parsed.problems.map((problem) => `${name} ${problem}`));
    return undefined;
  };
  const named = read('MONGODB_URL', parsers.connectionString);
  const verifyUrl = read('MONGODB_VERIFY_URL', parsers.connectionString);
  const ownDatabase = read('MONGODB_DATABASE', parsers.databaseName);
  const changelog = read('MONGODB_CHANGELOG', parsers.collectionName);
  const allowDataLoss = read('SCHEMA_ALLOW_DATA_LOSS', parsers.text) ?? '';
  const allowSharded = read('SCHEMA_ALLOW_SHARDED', parsers.flag) ?? false;
  const commit = read('SCHEMA_COMMIT', parsers.text);
  const migrations = read('SCHEMA_MIGRATIONS', parsers.text);
  const schemaFolder = read('SCHEMA_FOLDER', parsers.text);
  const leaseSeconds = read('SCHEMA_LEASE_SECONDS', parsers.leaseSeconds) ?? 30;
  // The password file is checked even if other settings are invalid.
  const { url, problem } = withPassword(named, variables['MONGODB_PASSWORD_FILE'] || undefined);
  // If MONGODB_DATABASE names a database, the database in the URL may be only the one that stores the user, so the database in the URL is
  // not checked.
  const unusable = url && !variables['MONGODB_DATABASE'] ? databaseProblem(url) : undefined;
  if (unusable !== undefined) problems.push(`MONGODB_URL ${unusable}`);
  if (problem !== undefined) problems.push(`MONGODB_PASSWORD_FILE ${problem}`);
  if (problems.length > 0) {
    throw new SchemaError('USAGE', 'The environment is invalid, so nothing was started', {
      why: problems,
      fix: 'correct these variables, in the environment or in .env',
    });
  }
  const database = ownDatabase ?? url?.database;
  return {
    ...(url !== undefined && { url }),
    ...(verifyUrl !== undefined && { verifyUrl }),
    ...(database !== undefined && { database }),
    ...(changelog !== undefined && { changelog }),
    allowDataLoss: allowDataLoss
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
      .map((name) => (name.endsWith('.ts') ? name : `${name}.ts`)),
    ...(commit !== undefined && { commit }),
    ...(migrations !== undefined && { migrations }),
    ...(schemaFolder !== undefined && { schemaFolder }),
    allowSharded,
    leaseSeconds,
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

/** The largest size of a password file, in bytes. No password is longer, so a larger file must be something else. */
const longestPassword = 4096;

/**
 * Reads the password. Reports characters that editors hide and servers refuse, because the error of a refused login would not mention them.
 */
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
