import { databaseNameProblem, defaultUrl, readConfig } from '../config';
import { withTarget, type CommandTarget } from './target';

export interface OperateOptions {
  readonly embedded?: boolean;
  /** Without MONGODB_URL: the server on localhost:27017. */
  readonly local?: boolean;
  readonly database?: string;
}

export interface OperateTarget extends CommandTarget {
  /** The server for a trial; absent when none is named. */
  readonly verifyUrl: string | undefined;
}

/**
 * Finds the database for a verb that may be told another one, or the local server.
 * @throws Error with code `USAGE` for a name that no database can have.
 */
export async function withOperateTarget<T>(
  verb: string,
  { embedded, local, database }: OperateOptions,
  work: (target: OperateTarget) => Promise<T>,
): Promise<T> {
  const problem = database === undefined ? undefined : databaseNameProblem(database);
  if (problem !== undefined) throw Object.assign(new Error(`--database ${problem}.`), { code: 'USAGE' });
  const { url, verifyUrl } = readConfig();
  if (url === undefined && local && !embedded) process.env['MONGODB_URL'] = defaultUrl;
  return withTarget(verb, { embedded: embedded ?? false, database }, (target) => work({ ...target, verifyUrl }));
}
