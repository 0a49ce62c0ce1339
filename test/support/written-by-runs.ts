import { clientOptions } from '../../src/database/client';
import type { Db, Document } from 'mongodb';

const { appName } = clientOptions;
const reading = new Set(['find', 'aggregate', 'listCollections', 'listIndexes', 'hello', 'ping', 'endSessions']);

/** Returns what runs write to a database during `work`, from the server's profiler: `insert shop.changelog`. */
export async function writtenDuring(db: Db, work: () => Promise<void>): Promise<string[]> {
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  const profiled = await db.collection('system.profile').find({ appName }).toArray();
  return profiled
    .filter((entry) => !reading.has(nameOf(entry)) && !isIdle(entry))
    .map((entry) => `${nameOf(entry)} ${String(entry['ns'])}`);
}

function nameOf({ command, op }: Document): string {
  // For these, the profiler records each single write, and not the command.
  if (['insert', 'remove', 'update'].includes(String(op))) return String(op);
  return Object.keys((command as Document | undefined) ?? {})[0] ?? String(op);
}

/** Returns whether an entry renews or releases a lease that another run has taken in the meantime: it matches nothing. */
function isIdle(entry: Document): boolean {
  const { ns, nMatched, nModified } = entry;
  return nameOf(entry) === 'update' && String(ns).endsWith('.schema_lock') && !nMatched && !nModified;
}
