import { isBroken } from '../history';
import { resolveName } from './project';
import { withRun, type RunOptions } from './run';

export interface AcceptOptions extends RunOptions {
  readonly migration: string;
  /** Why it is taken as it is: read by whoever reads the history. */
  readonly reason: string;
}

/**
 * Takes an edited, missing, late or unknown migration as it is. That is an event in the history; nothing is rewritten.
 * @throws Error with code `USAGE` when there is nothing to accept, or no reason is given.
 */
export async function accept(options: AcceptOptions): Promise<{ readonly migration: string; readonly was: string }> {
  const reason = options.reason.trim();
  if (reason === '') throw usage('Say why with --reason "…": the history keeps it.');
  return withRun('accept', options, async ({ statuses, recorder, project }) => {
    const names = statuses.map(({ name }) => name);
    const migration = resolveName(names, options.migration);
    const found = statuses.find(({ name }) => name === migration);
    if (found?.state === 'half rolled back') {
      throw usage(
        `${migration} is half rolled back: \`rollback\` finishes that, \`deploy --resume\` applies it again.`,
      );
    }
    if (!found || !isBroken(found))
      throw usage(`${migration} is ${found?.state ?? 'unknown'}: there is nothing to accept.`);
    const checksum = project.texts.find(({ name }) => name === migration)?.checksum;
    await recorder.record('accepted', { migration, reason, ...(checksum !== undefined && { checksum }) });
    return { migration, was: found.state };
  });
}

function usage(message: string): Error {
  return Object.assign(new Error(message), { code: 'USAGE' });
}
