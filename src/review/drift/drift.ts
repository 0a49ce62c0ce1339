import { MongoServerError, type Db } from 'mongodb';
import { openProject, type Project } from '../../project';
import { withReads, type Target } from '../../database';
import {
  describeAcceptedAsMissing,
  isAcceptedAsMissing,
  lookAtHistory,
  type AcceptedAsMissing,
  type MigrationStatus,
} from '../../history';
import { foldMigrations, type Migration } from '../../migration';
import { documentKeys, type Schema } from '../../schema';
import { explainPrivilege, readSchema, type LiveSchema } from '../../database';
import { unauthorized } from '../../database/server-errors';
import { findDrift } from './compare';
import { severityOf, type Finding } from './findings';
import { errorCodeOf } from '../../support/error-codes';
import { because, reportOf, SchemaError } from '../../support/schema-error';

export interface DriftOptions extends Target {
  /** The folder of the migrations; this repository's own unless given. */
  readonly folder?: string | undefined;
}

export interface DriftReport {
  /** The newest migration that the changelog names; absent when it names none. */
  readonly head?: string;
  readonly findings: readonly Finding[];
  /** How many of the findings are drift. */
  readonly drift: number;
  /** How many are only worth knowing. */
  readonly notices: number;
  /** In a line each, the migrations whose files are gone, which a person accepted; absent where there are none. */
  readonly accepted?: readonly string[];
}

/**
 * Compares a database with what the migrations that its own changelog names lead to, in both directions. Writes nothing, and
 * needs no more than the role `read` on that database.
 */
export async function drift(options: DriftOptions): Promise<DriftReport> {
  const project = openProject(options.folder, options.changelog);
  return withReads(options, async ({ db }) => {
    try {
      return await driftFrom(db, project, await lookAtHistory(db, project.texts));
    } catch (error) {
      throw explain(error, options.database);
    }
  });
}

/** The same on a connection, for those who know the history already. */
export async function driftFrom(db: Db, project: Project, statuses: readonly MigrationStatus[]): Promise<DriftReport> {
  const recorded = statuses.filter(({ isRecorded }) => isRecorded).map(({ name }) => name);
  const applied = project.load().filter(({ name }) => recorded.includes(name));
  const expected = foldOrExplain(applied, statuses);
  const live = await readSchema(db, { documents: documentKeys(expected), readsWhatItMay: true });
  refuseUnreadable(live, expected, db.databaseName);
  const missing = statuses
    .filter(({ state, isRecorded }) => state === 'missing' && isRecorded)
    .map(({ name }) => missingMigration(name));
  const gone = statuses.filter(isAcceptedAsMissing);
  const findings = [...missing, ...findDrift(expected, live, applied, gone)];
  const [head, drifted] = [recorded.at(-1), findings.filter(({ severity }) => severity === 'drift').length];
  return {
    ...(head !== undefined && { head }),
    findings,
    drift: drifted,
    notices: findings.length - drifted,
    ...(gone.length > 0 && { accepted: gone.map(describeAccepted) }),
  };
}

/** @throws error with code `FOLD` that names those that are missing, where the others do not fit without them. */
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

/** @throws error with code `NOT_ALLOWED` when a collection that migrations make cannot be read. */
function refuseUnreadable({ unreadable }: LiveSchema, expected: Schema, database: string): void {
  const known = [...unreadable].filter((name) => Object.hasOwn(expected, name)).sort();
  if (known.length === 0) return;
  const places = known.map((name) => `${database}.${name}`).join(', ');
  throw notAllowed(database, `this user lacks the privilege listIndexes on ${places}`);
}

/** What such a migration made cannot be known, so it shows as extra. */
function missingMigration(name: string): Finding {
  return {
    kind: 'migration missing',
    severity: severityOf('migration missing'),
    place: `migration ${name}`,
    words: ['the changelog names it and its file is gone; what it made shows as extra'],
    fix: 'Bring the file back, or `accept` that it is gone.',
    commands: [],
  };
}

function describeAccepted(status: AcceptedAsMissing): string {
  const isKnown = status.madeWithoutFile.length > 0;
  const work = isKnown ? 'what it made is a notice' : 'no event tells what it made, so that shows as extra';
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
