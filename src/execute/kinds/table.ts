import { describePlace, type Change, type Kind } from '../../schema';
import { changeCollections, collection, createCollection, dropCollections } from './collection';
import { collectionName, renameCollections } from './collection-name';
import { document, insertDocuments, removeDocuments, updateDocuments } from './document';
import type { Action, Execution, Executor } from './execution';
import {
  changeIndexes,
  expireAfterSeconds,
  hidden,
  makeIndexesUnique,
  unique,
  unmakeIndexesUnique,
} from './index-attributes';
import { createIndexes, dropIndexes, index } from './indexes';
import { replaceTextIndexes } from './text-indexes';
import { setValidators, validator } from './validator';
import { changeViews, createViews, dropViews, view } from './view';
import { SchemaError } from '../../support/schema-error';

/** How each kind of change is judged and made. */
export const executions: { readonly [K in Kind]: Execution<K> } = {
  collection,
  'collection.name': collectionName,
  validator,
  index,
  'index.expireAfterSeconds': expireAfterSeconds,
  'index.hidden': hidden,
  'index.unique': unique,
  document,
  view,
};

/** The executor of each action. */
export const executors: { readonly [A in Action]: Executor<A> } = {
  createCollection,
  changeCollection: changeCollections,
  dropCollection: dropCollections,
  renameCollection: renameCollections,
  setValidator: setValidators,
  createIndex: createIndexes,
  dropIndex: dropIndexes,
  replaceIndex: replaceTextIndexes,
  changeIndex: changeIndexes,
  makeUnique: makeIndexesUnique,
  unmakeUnique: unmakeIndexesUnique,
  insertDocument: insertDocuments,
  updateDocument: updateDocuments,
  removeDocument: removeDocuments,
  createView: createViews,
  changeView: changeViews,
  dropView: dropViews,
};

/** @throws error for a change that no command of the server can make, such as a change of one index into another. */
export function actionOf<K extends Kind>(change: Change<K>): Action {
  const action = executions[change.kind].action(change);
  if (action !== undefined) return action;
  const { kind, place } = change;
  throw new SchemaError('MIGRATION', `No command changes a ${kind} of ${place.collection} from one value to another`, {
    why: describePlace(change),
    fix: 'drop it and create it',
  });
}
