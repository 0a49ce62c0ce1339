import { isLocal, withReads } from '../database';
import { SchemaError } from '../support/schema-error';
import { canAsk, confirmByTyping } from './confirm';
import type { Context } from './context';
import type { CommandTarget } from './target';

/**
 * Protects other servers from a verb that is meant for trials: on a server on this machine, the verb may run without a question. On any
 * other server, a person must name the database first.
 * @param named the value of `--database`
 * @throws error with code `USAGE` when nobody named the database; `ABORTED` when the person typed another name
 */
export async function refuseUnnamedElsewhere(
  context: Context,
  verb: string,
  target: CommandTarget,
  named: string | undefined,
): Promise<void> {
  if (named !== undefined || (await withReads(target, ({ db }) => isLocal(target.url, db)))) return;
  const { database } = target;
  if (!canAsk(context)) {
    throw new SchemaError('USAGE', `The server of ${database} is not on this machine, so nothing was changed`, {
      why: `\`${verb}\` is for testing a migration during development`,
      fix: `if this is the right database, give its name: \`${verb} --database ${database}\``,
    });
  }
  const isConfirmed = await confirmByTyping(context, {
    doing: `whether to ${verb}`,
    question: `The server is not on this machine. Type the name of the database to ${verb} there: `,
    answer: database,
  });
  if (!isConfirmed) throw new SchemaError('ABORTED', 'Nothing was changed', { why: 'it was not confirmed' });
}
