import { MongoServerError } from 'mongodb';
import { openProject, withConnection, type Target } from '../../deploy';
import { lookAtHistory } from '../../history';
import { foldMigrations } from '../../migration';
import { documentKeys, readSchema } from '../../schema';
import { findDrift } from './compare';
import { severityOf, type Finding } from './findings';

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
}

/**
 * Compares a database with what the migrations that its own changelog names lead to, in both directions. Writes nothing, and
 * needs no more than the role `read` on that database.
 */
export async function drift(options: DriftOptions): Promise<DriftReport> {
  const project = openProject(options.folder);
  return withConnection(options, async ({ db }) => {
    try {
      const statuses = await lookAtHistory(db, project.texts);
      const recorded = statuses.filter(({ appliedAt }) => appliedAt).map(({ name }) => name);
      const applied = project.load().filter(({ name }) => recorded.includes(name));
      const expected = foldMigrations(applied);
      const live = await readSchema(db, { documents: documentKeys(expected) });
      const missing = statuses.filter(({ state }) => state === 'missing').map(({ name }) => missingMigration(name));
      const findings = [...missing, ...findDrift(expected, live, applied)];
      const [head, drifted] = [recorded.at(-1), findings.filter(({ severity }) => severity === 'drift').length];
      return { ...(head !== undefined && { head }), findings, drift: drifted, notices: findings.length - drifted };
    } catch (error) {
      throw explain(error, options.database);
    }
  });
}

/** What such a migration made cannot be known, so it shows as extra. */
function missingMigration(name: string): Finding {
  return {
    kind: 'migration missing',
    severity: severityOf('migration missing'),
    place: `migration ${name}`,
    words: ['the changelog names it and its file is gone; what it made shows as extra'],
    wayOut: 'Bring the file back, or `accept` that it is gone.',
    commands: [],
  };
}

const unauthorized = 13;

function explain(error: unknown, database: string): unknown {
  if (!(error instanceof MongoServerError) || error.code !== unauthorized) return error;
  const message = `To compare, the user needs the role \`read\` on the database ${database}: ${error.message}`;
  return new Error(message, { cause: error });
}
