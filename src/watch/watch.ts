import { discardServer, startEmbedded, type RunningServer } from '../mongod';
import { resolveName } from '../project';
import { mergedMigrations } from '../review';
import { SchemaError } from '../support/schema-error';
import { changesBetween, FolderSigns, readTexts, type Texts } from './folder';
import type { RoundReport } from './report';
import { Rounds, type RoundsOptions } from './rounds';

export interface WatchOptions extends Pick<RoundsOptions, 'migrations' | 'project' | 'env' | 'limit' | 'onLine'> {
  /** The migration, or a unique part of its name. The default is the newest unmerged migration, and later each migration that is saved. */
  readonly name?: string | undefined;
  /** The branch that migrations are merged to. The default is the main branch of the repository. */
  readonly base?: string | undefined;
  /** Whether to run only one round. */
  readonly isOnce: boolean;
  /** Ends the watch immediately. */
  readonly signal: AbortSignal;
  readonly onReport: (report: RoundReport) => void;
  /** Called with messages to print between rounds. */
  readonly onNotice: (line: string) => void;
  /** Wraps work that may take long, to show what is running. */
  readonly during: <T>(what: string, work: () => Promise<T>) => Promise<T>;
}

/**
 * A temporary server mostly creates and drops collections. These options free the files of dropped collections immediately, and shorten the
 * interval between two writes of the journal, which is a tenth of a second by default.
 */
const serverArgs = ['--setParameter', 'minSnapshotHistoryWindowInSeconds=0', '--journalCommitInterval', '15'];

/**
 * Tries the migration that a person is writing: now, and at each save, until `signal` is aborted. It starts a temporary server, whose data
 * are removed at the end.
 * @returns the last report; undefined when no round was reported
 * @throws error with code `USAGE` when no migration has the name, or when a single round has no migration to try; with code `NO_SERVER`.
 */
export async function watchMigrations(options: WatchOptions): Promise<RoundReport | undefined> {
  const { migrations, name, isOnce, signal, during } = options;
  // Start before the first reading, so that no save is missed.
  const signs = new FolderSigns(migrations);
  try {
    const { names: merged, base } = await mergedMigrations(migrations, options.base);
    const texts = readTexts(migrations);
    const named = name === undefined ? undefined : resolveName([...texts.keys()], name);
    const first = named ?? [...texts.keys()].findLast((one) => !merged.includes(one));
    if (first === undefined && isOnce) throw nothingToTry();
    const rounds = new Rounds({ ...options, base, isLasting: !isOnce });
    const end = () => {
      rounds.end();
    };
    signal.addEventListener('abort', end);
    if (first !== undefined) rounds.warmUp(first);
    let server: RunningServer | undefined;
    try {
      server = await during('starting an embedded mongod', () => startEmbedded({ env: options.env, args: serverArgs }));
      rounds.use(server.url);
      return await loop({ ...options, signs, rounds, texts, named, first });
    } finally {
      signal.removeEventListener('abort', end);
      end();
      if (server) await discardServer(server);
    }
  } finally {
    signs.close();
  }
}

interface Loop extends WatchOptions {
  readonly signs: FolderSigns;
  readonly rounds: Rounds;
  readonly texts: Texts;
  /** The migration that was requested by name. */
  readonly named: string | undefined;
  readonly first: string | undefined;
}

async function loop({ signs, rounds, named, signal, ...options }: Loop): Promise<RoundReport | undefined> {
  let { texts, first: target } = options;
  let since = performance.now();
  let last: RoundReport | undefined;
  let isDue = target !== undefined;
  if (target === undefined) options.onNotice('Every migration is merged. Waiting until you create or save one.');
  const isEnded = () => signal.aborted;
  while (!isEnded()) {
    if (isDue && target !== undefined) {
      const round = rounds.round(target, texts, since);
      const report = await options.during(`testing ${target}`, () => round);
      if (isEnded()) break;
      last = report;
      options.onReport(report);
    }
    if (options.isOnce) break;
    const sign = await signs.next(signal);
    if (sign === undefined) break;
    since = sign;
    const now = readTexts(options.migrations);
    const { saved, gone } = changesBetween(texts, now);
    texts = now;
    for (const one of gone) options.onNotice(`The file ${one} does not exist any more.`);
    // The named migration, else the newest one that was saved.
    target = named ?? saved.at(-1) ?? target;
    isDue = target !== undefined && now.has(target) && [...saved, ...gone].some((one) => one <= (target ?? ''));
    if (target !== undefined && !now.has(target)) options.onNotice(`Waiting for ${named ?? 'a save'}.`);
  }
  return last;
}

function nothingToTry(): SchemaError {
  return new SchemaError('USAGE', 'There is no migration to test', {
    why: 'every migration is merged',
    fix: 'write a new migration: `new NAME`; or name an existing one: `watch NAME --once`',
  });
}
