import { clientOptions } from '../../src/database/client';
import type { Db, Document } from 'mongodb';

const { appName } = clientOptions;
const reading = new Set(['find', 'aggregate', 'listCollections', 'listIndexes', 'hello', 'ping', 'endSessions']);

/** What runs write to a database while `work` goes on, as the server's profiler has it: `insert shop.changelog`. */
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
  // Of these the profiler keeps each single write, and not the command that it came in.
  if (['insert', 'remove', 'update'].includes(String(op))) return String(op);
  return Object.keys((command as Document | undefined) ?? {})[0] ?? String(op);
}

/** Renewing or giving up a lease that another one took meanwhile: it matches nothing. */
function isIdle(entry: Document): boolean {
  const { ns, nMatched, nModified } = entry;
  return nameOf(entry) === 'update' && String(ns).endsWith('.schema_lock') && !nMatched && !nModified;
}
