import type { Binary, Db } from 'mongodb';
import type { Traffic, Unanswered } from './traffic';

export interface LostReplyOptions {
  /** How long the server must show nothing of a command until its reply counts as lost, in milliseconds. */
  readonly after: number;
  /** Told of the commands whose replies are lost; the next look waits for what it does. */
  readonly onLost: (commands: readonly Unanswered[]) => Promise<void>;
}

const looksPerWait = 6;

/**
 * Tells a command that takes long from one whose reply will never come: while the server shows it among the operations of
 * this user, it is at work. One that it has shown nothing of for a while was lost on its way there or back. Where the server
 * cannot be asked, only a command counts as lost whose own time limit is over for as long.
 * @param bookkeeping a handle on another client, whose questions end soon.
 * @returns what ends the watch.
 */
export function watchForLostReplies(
  bookkeeping: Db,
  traffic: Traffic,
  { after, onLost }: LostReplyOptions,
): () => void {
  /** When the server last showed a command, by its id. */
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

/** Those of the sessions in which the server is at work. One's own operations can be seen without a privilege. */
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
