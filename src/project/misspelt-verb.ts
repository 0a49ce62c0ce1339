import * as verbs from '../migration';
import { nearest } from '../support/nearest';

/** `(0 , migration_1.createIndex) is not a function`, as the compilers of TypeScript write it, and `verbs.createIndex is …`. */
const notAFunction = /(?:^|[\s.,(])([A-Za-z_$][\w$]*)\)? is not a function/;

/** What other tools, and the server, call what a verb does. */
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

const known = Object.entries(verbs).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));

/** What to write in place of a verb that does not exist; undefined for an error that tells of none. */
export function explainMisspelt(error: unknown): { readonly why: string; readonly fix: string } | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const name = notAFunction.exec(error.message)?.[1];
  if (name === undefined || known.includes(name) || !/migration|verbs/i.test(error.message)) return undefined;
  const meant = others.get(name) ?? nearest(name, known);
  return {
    why: `there is no verb ${name}`,
    fix: meant === undefined ? `the verbs are ${known.join(', ')}` : `write ${meant}`,
  };
}
