import {
  shellLiteral as literal,
  type CollectionOptions,
  type Index,
  type PlainObject,
  type Validator,
  type View,
} from '../../schema';
import { actionOf, levelOf } from '../explain';

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
