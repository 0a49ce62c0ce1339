import { defaultUrl } from '../database/environment';
import { databaseNameProblem } from '../database/connection-string';
import type { Context } from './context';
import { withTarget, type CommandTarget } from './target';
import { SchemaError } from '../support/schema-error';
import type { MongoUrl } from '../support/mongo-url';

export interface OperateOptions {
  readonly embedded?: boolean;
  /** Use the server on localhost:27017 when MONGODB_URL is not set. */
  readonly local?: boolean;
  readonly database?: string;
}

export interface OperateTarget extends CommandTarget {
  /** The server for the test restore; undefined when none is named. */
  readonly verifyUrl: MongoUrl | undefined;
}

/**
 * Finds the database for a verb that has the options `--database` (another database name) and `--local` (the local server).
 * @throws error with code `USAGE` for an invalid database name.
 */
export async function withOperateTarget<T>(
  context: Context,
  verb: string,
  { embedded, local, database }: OperateOptions,
  work: (target: OperateTarget) => Promise<T>,
): Promise<T> {
  const problem = database === undefined ? undefined : databaseNameProblem(database);
  if (problem !== undefined) throw new SchemaError('USAGE', `--database ${problem}`);
  const { verifyUrl } = context.config;
  const fallbackUrl = local && !embedded ? defaultUrl : undefined;
  return withTarget(context, verb, { embedded: embedded ?? false, database, fallbackUrl }, (target) =>
    work({ ...target, verifyUrl }),
  );
}
