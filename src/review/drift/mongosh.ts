import type { CollectionOptions, Index, PlainObject, Validator, View } from '../../schema';
import { actionOf, compact, levelOf } from '../explain';

/** Names that mark a BSON type in Extended JSON, NaN and Infinity among them: mongosh has to be told to read them so. */
const typeMark =
  /\$(?:oid|date|number(?:Decimal|Double|Int|Long)|binary|uuid|timestamp|regularExpression|symbol|code|dbPointer|undefined|minKey|maxKey)\b/;

function literal(value: unknown): string {
  const text = compact(value);
  return typeMark.test(text) ? `EJSON.deserialize(${text})` : text;
}

function collectionText(name: string): string {
  return `db.getCollection(${JSON.stringify(name)})`;
}

/** Commands for mongosh that bring back what the migrations lead to, each in one line. */
export const mongosh = {
  createCollection: (name: string, options: CollectionOptions) =>
    `db.createCollection(${[JSON.stringify(name), ...(Object.keys(options).length > 0 ? [literal(options)] : [])].join(', ')})`,

  setValidator: (name: string, validator: Validator) =>
    runCommand({
      collMod: name,
      validator: validator.validator,
      validationLevel: levelOf(validator),
      validationAction: actionOf(validator),
    }),

  removeValidator: (name: string) =>
    runCommand({ collMod: name, validator: {}, validationLevel: 'strict', validationAction: 'error' }),

  collMod: (name: string, change: PlainObject) => runCommand({ collMod: name, ...change }),

  /** Without a collation it would take the collection's. */
  createIndex: (name: string, index: string, { key, collation = { locale: 'simple' }, ...options }: Index) =>
    `${collectionText(name)}.createIndex(${literal(key)}, ${literal({ name: index, ...options, collation })})`,

  dropIndex: (name: string, index: string) => `${collectionText(name)}.dropIndex(${JSON.stringify(index)})`,

  createView: (name: string, view: View) => runCommand({ create: name, ...view }),

  drop: (name: string) => `${collectionText(name)}.drop()`,

  insertDocument: (name: string, document: PlainObject) => `${collectionText(name)}.insertOne(${literal(document)})`,

  replaceDocument: (name: string, document: PlainObject) =>
    `${collectionText(name)}.replaceOne(${literal({ _id: document['_id'] })}, ${literal(document)})`,
};

function runCommand(command: object): string {
  return `db.runCommand(${literal(command)})`;
}
