import { MongoServerError, type Db } from 'mongodb';
import { FoldKeeper, openProject, type Project } from '../../project';
import { withReads, type Target } from '../../database';
import {
  describeAcceptedAsMissing,
  isAcceptedAsMissing,
  lookAtHistory,
  type AcceptedAsMissing,
  type MigrationStatus,
} from '../../history';
import { foldMigrations } from '../../migration/fold-migrations';
import { isPlain, type Migration } from '../../migration/types';
import { documentKeys, type Schema } from '../../schema';
import { explainPrivilege, readSchema, type LiveSchema } from '../../database';
import { unauthorized } from '../../database/server-errors';
import { findDrift } from './compare';
import { severityOf, type Finding } from './findings';
import { errorCodeOf } from '../../support/error-codes';
import { because, reportOf, SchemaError } from '../../support/schema-error';

export interface DriftOptions extends Target {
  /** The folder of the migrations. The default is the folder in this repository. */
  readonly folder?: string | undefined;
  /**
   * The user's cache folder for the schema of the applied migrations. With this cache, the migrations need not be loaded if nothing
   * differs. By default, nothing is cached.
   */
  readonly keptFolds?: string | undefined;
}

export interface DriftReport {
  /** The newest migration in the changelog; undefined when there is none. */
  readonly head?: string;
  readonly findings: readonly Finding[];
  /** The number of findings that are drift. */
  readonly drift: number;
  /** The number of findings that are only notices. */
  readonly notices: number;
  /** One line for each migration that has no file and that a person accepted as missing; undefined when there are none. */
  readonly accepted?: readonly string[];
}

/**
 * Compares a database with the result of the migrations in its changelog, in both directions. Writes nothing, and
 * needs only the role `read` on that database.
 */
export async function drift(options: DriftOptions): Promise<DriftReport> {
  const project = openProject(options.folder, options.changelog);
  return withReads(options, async ({ db }) => {
    try {
      const keeper = options.keptFolds === undefined ? undefined : new FoldKeeper(options.keptFolds);
      return await driftFrom(db, project, await lookAtHistory(db, project.texts), keeper);
    } catch (error) {
      throw explain(error, options.database);
    }
  });
}

/** Compares in the same way as `drift`, over an open connection, with a history that was already read. */
export async function driftFrom(
  db: Db,
  project: Project,
  statuses: readonly MigrationStatus[],
  keeper?: FoldKeeper,
): Promise<DriftReport> {
  const recorded = statuses.filter(({ isRecorded }) => isRecorded).map(({ name }) => name);
  const kept = keeper?.read(project, recorded);
  const isApplied = new Set(recorded);
  const load = () => project.load().filter(({ name }) => isApplied.has(name));
  const applied = kept ? [] : load();
  const expected = kept?.schema ?? foldOrExplain(applied, statuses);
  if (!kept) keeper?.keep(project, recorded, { schema: expected, isOfPlain: applied.some(isPlain) });
  const live = await readSchema(db, { documents: documentKeys(expected), readsWhatItMay: true });
  refuseUnreadable(live, expected, db.databaseName);
  const missing = statuses
    .filter(({ state, isRecorded }) => state === 'missing' && isRecorded)
    .map(({ name }) => missingMigration(name));
  const gone = statuses.filter(isAcceptedAsMissing);
  let differences = findDrift(expected, live, applied, gone);
  // The migrations are needed only to name them in findings.
  if (kept && differences.length > 0) differences = findDrift(expected, live, load(), gone);
  const findings = [...missing, ...differences];
  const [head, drifted] = [recorded.at(-1), findings.filter(({ severity }) => severity === 'drift').length];
  return {
    ...(head !== undefined && { head }),
    findings,
    drift: drifted,
    notices: findings.length - drifted,
    ...(gone.length > 0 && { accepted: gone.map(describeAccepted) }),
  };
}

/** @throws error with code `FOLD` that names the missing migrations, when the other migrations do not fit together without them */
function foldOrExplain(applied: readonly Migration[], statuses: readonly MigrationStatus[]): Schema {
  const gone = statuses.filter((status) => isAcceptedAsMissing(status) || status.state === 'missing');
  try {
    return foldMigrations(applied);
  } catch (error) {
    if (gone.length === 0 || errorCodeOf(error) !== 'FOLD') throw error;
    const names = gone.map(({ name }) => name).join(', ');
    throw because(error, 'The database cannot be compared with its migrations', {
      fix: `restore the text of ${names} from version control: later migrations build on it`,
    });
  }
}

/** @throws error with code `NOT_ALLOWED` when a collection that migrations create cannot be read */
function refuseUnreadable({ unreadable }: LiveSchema, expected: Schema, database: string): void {
  const known = [...unreadable].filter((name) => Object.hasOwn(expected, name)).sort();
  if (known.length === 0) return;
  const places = known.map((name) => `${database}.${name}`).join(', ');
  throw notAllowed(database, `this user lacks the privilege listIndexes on ${places}`);
}

/** Returns the finding for a missing migration. What the migration created is unknown, so its objects are reported as extra. */
function missingMigration(name: string): Finding {
  return {
    kind: 'migration missing',
    severity: severityOf('migration missing'),
    place: `migration ${name}`,
    words: [
      'the changelog names this migration, but its file is missing; what the migration made is reported as extra',
    ],
    fix: 'Restore the file, or `accept` that it is missing.',
    commands: [],
  };
}

function describeAccepted(status: AcceptedAsMissing): string {
  const isKnown = status.madeWithoutFile.length > 0;
  const work = isKnown
    ? 'what it made is reported as a notice'
    : 'no event shows what it made, so that is reported as extra';
  return `${describeAcceptedAsMissing(status)} (${work})`;
}

function explain(error: unknown, database: string): unknown {
  if (!(error instanceof MongoServerError) || error.code !== unauthorized) return error;
  return notAllowed(database, reportOf(explainPrivilege(error)).why, error);
}

function notAllowed(database: string, why: string | readonly string[] | undefined, cause?: unknown): SchemaError {
  return new SchemaError('NOT_ALLOWED', `The database ${database} cannot be compared`, {
    why,
    fix: `grant the role \`read\` on ${database} to the user of MONGODB_URL`,
    cause,
  });
}
