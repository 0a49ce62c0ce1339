import type { Document, Filter } from 'mongodb';
import { listCollections } from '../../database';
import { describePlace, fromPlain, optionsForCollMod } from '../../schema';
import { dropCollection } from '../drop-collection';
import { send } from '../session';
import { documents } from '../../support/counts';
import { optionLooks } from './collection-looks';
import { deletionError } from './index-looks';
import { describeTaken, eachPending, type Execution, type Look } from './execution';

export const collection: Execution<'collection'> = {
  action: ({ from, to }) => {
    if (to === undefined) return 'dropCollection';
    if (from === undefined) return 'createCollection';
    return optionsForCollMod(from, to) && 'changeCollection';
  },
  reads: () => ({}),
  isHalfDone: () => false,
  holdsNeitherSide: () => false,
  keepsEdited: false,
  isInOrder: false,
  obstacle: describeTaken,
  remedy: ({ from, to }, found) => {
    if (found === undefined) return 'createCollections makes the collection';
    return [from, to].some((side) => side && optionsForCollMod(found, side))
      ? 'restore what the migration expects; or, if the migration is not released yet, use the present options as the `from` of changeCollection'
      : 'these options of an existing collection cannot be changed: copy its documents into a new collection';
  },
  looks: ({ place, from, to }, { removed }) => {
    if (to === undefined) return [documentsToLose(place.collection, removed)];
    return from ? optionLooks(place.collection, from, to) : [];
  },
};

function documentsToLose(name: string, removed: readonly unknown[]): Look {
  return {
    kind: 'documents to lose',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      const others = { _id: { $nin: removed } } as Filter<Document>;
      const options = { maxTimeMS, readPreference: 'primary' } as const;
      const count = await db.collection(name).countDocuments(others, options);
      return count === 0 ? undefined : { count, message: `dropping it would delete ${documents(count)}` };
    },
  };
}

export const createCollection = eachPending<'collection'>(async (session, name, { to = {} }) => {
  await send(session, { create: name, ...fromPlain(to) });
  const [made] = await listCollections(session.db, [name]);
  if (made?.info?.uuid) session.uuids?.set(name, made.info.uuid);
});

export const dropCollections = eachPending<'collection'>((session, name) => dropCollection(session, name));

/** Changes the options. Right before the command, counts again the documents that the server would delete. */
export const changeCollections = eachPending<'collection'>(async (session, name, { from = {}, to = {} }) => {
  const losses: string[] = [];
  for (const { measure } of session.allowDataLoss ? [] : optionLooks(name, from, to)) {
    const found = await measure(session.db, 0);
    if (found) losses.push(`${describePlace({ kind: 'collection', place: { collection: name } })}: ${found.message}`);
  }
  if (losses.length > 0) throw deletionError(losses);
  await send(session, { collMod: name, ...fromPlain(optionsForCollMod(from, to) ?? {}) });
});
