import { isBroken } from '../history';
import { resolveName } from '../project/project';
import { withRun, type RunOptions } from '../execute/run';
import { SchemaError } from '../support/schema-error';

export interface AcceptOptions extends RunOptions {
  readonly migration: string;
  /** Why it is accepted as it is: read by whoever reads the history. */
  readonly reason: string;
}

/**
 * Accepts an edited, missing, late or unknown migration as it is. That is an event in the history; nothing is rewritten.
 * @throws error with code `USAGE` when there is nothing to accept, or no reason is given.
 */
export async function accept(options: AcceptOptions): Promise<{ readonly migration: string; readonly was: string }> {
  const reason = options.reason.trim();
  if (reason === '') throw new SchemaError('USAGE', 'Say why with --reason "…": the history keeps it');
  return withRun('accept', options, async ({ statuses, recorder, project }) => {
    const names = statuses.map(({ name }) => name);
    const migration = resolveName(names, options.migration);
    const found = statuses.find(({ name }) => name === migration);
    if (found?.state === 'half rolled back') {
      throw new SchemaError('USAGE', `${migration} is half rolled back, which cannot be accepted`, {
        fix: '`rollback` finishes that, `deploy --resume` applies it again',
      });
    }
    if (!found || !isBroken(found)) {
      throw new SchemaError('USAGE', `${migration} is ${found?.state ?? 'unknown'}: there is nothing to accept`, {
        fix: '`status` shows how each migration stands; an edited, missing, late or unknown one can be accepted',
      });
    }
    const checksum = project.texts.find(({ name }) => name === migration)?.checksum;
    await recorder.record('accepted', { migration, reason, ...(checksum !== undefined && { checksum }) });
    return { migration, was: found.state };
  });
}
