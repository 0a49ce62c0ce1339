import { isBroken } from '../history';
import { resolveName } from '../project/project';
import { withRun, type RunOptions } from '../execute/run';
import { SchemaError } from '../support/schema-error';

export interface AcceptOptions extends RunOptions {
  readonly migration: string;
  /** The reason for accepting the migration, for people who read the history later. */
  readonly reason: string;
}

/**
 * Accepts an edited, missing, late or unknown migration in its present state. The history records this in a new event. Nothing else is
 * changed.
 * @throws error with code `USAGE` when there is nothing to accept, or no reason is given.
 */
export async function accept(options: AcceptOptions): Promise<{ readonly migration: string; readonly was: string }> {
  const reason = options.reason.trim();
  if (reason === '') throw new SchemaError('USAGE', 'Give a reason with --reason "…": the history stores it');
  return withRun('accept', options, async ({ statuses, recorder, project }) => {
    const names = statuses.map(({ name }) => name);
    const migration = resolveName(names, options.migration);
    const found = statuses.find(({ name }) => name === migration);
    if (found?.state === 'half rolled back') {
      throw new SchemaError('USAGE', `${migration} is half rolled back, which cannot be accepted`, {
        fix: '`rollback` finishes the rollback, `deploy --resume` applies the migration again',
      });
    }
    if (!found || !isBroken(found)) {
      throw new SchemaError('USAGE', `${migration} is ${found?.state ?? 'unknown'}: there is nothing to accept`, {
        fix: '`status` shows the state of each migration; an edited, missing, late or unknown migration can be accepted',
      });
    }
    const checksum = project.texts.find(({ name }) => name === migration)?.checksum;
    await recorder.record('accepted', { migration, reason, ...(checksum !== undefined && { checksum }) });
    return { migration, was: found.state };
  });
}
