import type { Binary, Db } from 'mongodb';
import type { Traffic, Unanswered } from './traffic';

export interface LostReplyOptions {
  /** A reply counts as lost when the server has not listed its command as running for this long, in milliseconds. */
  readonly after: number;
  /** Called with the commands whose replies are lost. The next check waits until this call has ended. */
  readonly onLost: (commands: readonly Unanswered[]) => Promise<void>;
}

const looksPerWait = 6;

/**
 * Distinguishes a command that takes long from a command whose reply will never come. While the server lists a command among the operations
 * of this user, the command is running. When the server has not listed a command for `after` milliseconds, the command or its reply was
 * lost. When the list of operations cannot be read, a command counts as lost only if it has exceeded its own time limit by `after`
 * milliseconds.
 * @param bookkeeping a handle of another client, whose requests end soon
 * @returns a function that ends the watch
 */
export function watchForLostReplies(
  bookkeeping: Db,
  traffic: Traffic,
  { after, onLost }: LostReplyOptions,
): () => void {
  /** When the server last listed each command, by the id of the command. */
  let seen = new Map<number, number>();
  const look = async () => {
    const now = performance.now();
    const old = traffic.unanswered().filter(({ sentAt }) => now - sentAt > after / 2);
    if (old.length === 0) return;
    const running = await runningSessions(bookkeeping, old).catch(() => undefined);
    const isAtWork = ({ session, limit }: Unanswered) =>
      running ? running.has(session.toString('hex')) : limit === undefined;
    seen = new Map(
      old.map((one) => [one.id, isAtWork(one) ? performance.now() : Math.max(seen.get(one.id) ?? 0, one.sentAt)]),
    );
    const patience = ({ limit = 0 }: Unanswered) => (running ? 0 : limit) + after;
    const since = (one: Unanswered) => now - (seen.get(one.id) ?? now);
    const still = new Set(traffic.unanswered().map(({ id }) => id));
    const lost = old.filter((one) => still.has(one.id) && since(one) > patience(one));
    if (lost.length > 0) await onLost(lost);
  };
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, after / looksPerWait);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** Returns the sessions in which the server is running something. A user can see their own operations without a privilege. */
async function runningSessions({ client }: Db, commands: readonly Unanswered[]): Promise<Set<string>> {
  const sessions = commands.map(({ session }) => session);
  const found = await client
    .db('admin')
    .aggregate<{ lsid: { id: Binary } }>(
      [
        { $currentOp: { allUsers: false, idleConnections: false, idleSessions: false } },
        { $match: { active: true, 'lsid.id': { $in: sessions } } },
        { $project: { 'lsid.id': 1 } },
      ],
      { readConcern: { level: 'local' }, readPreference: 'primary' },
    )
    .toArray();
  return new Set(found.map(({ lsid }) => lsid.id.toString('hex')));
}
