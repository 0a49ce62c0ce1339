import { createRequire } from 'node:module';
import type * as Verbs from '../migration';
import { nearest } from '../support/nearest';

/**
 * Matches the message of a missing function, as compiled TypeScript writes it: `(0 , migration_1.createIndex) is not a function`, or `verbs.createIndex is …`.
 */
const notAFunction = /(?:^|[\s.,(])([A-Za-z_$][\w$]*)\)? is not a function/;

/** The names that other tools and the server use, each with the verb that this tool has for it. */
const others: ReadonlyMap<string, string> = new Map([
  ['createCollection', 'createCollections'],
  ['createIndex', 'createIndexes'],
  ['ensureIndex', 'createIndexes'],
  ['dropIndex', 'dropIndexes'],
  ['unhideIndex', 'showIndex'],
  ['setValidator', 'addValidator'],
  ['collMod', 'changeCollection'],
  ['insertMany', 'insertDocuments'],
  ['insertOne', 'insertDocuments'],
  ['insert', 'insertDocuments'],
  ['updateMany', 'backfill'],
  ['updateOne', 'updateDocuments'],
  ['replaceOne', 'updateDocuments'],
  ['deleteMany', 'removeDocuments'],
  ['deleteOne', 'removeDocuments'],
]);

/** For an error because of a verb that does not exist, returns the verb to use instead. Returns undefined for other errors. */
export function explainMisspelt(error: unknown): { readonly why: string; readonly fix: string } | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const name = notAFunction.exec(error.message)?.[1];
  if (name === undefined || !/migration|verbs/i.test(error.message)) return undefined;
  // The verbs are loaded only here, because a command that loads no migration needs no verb.
  const verbs = createRequire(__filename)('../migration') as typeof Verbs;
  const known = Object.entries(verbs).flatMap(([verb, value]) => (typeof value === 'function' ? [verb] : []));
  if (known.includes(name)) return undefined;
  const meant = others.get(name) ?? nearest(name, known);
  return {
    why: `there is no verb ${name}`,
    fix: meant === undefined ? `the verbs are ${known.join(', ')}` : `write ${meant}`,
  };
}
