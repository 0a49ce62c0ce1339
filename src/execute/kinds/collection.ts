import type { Document, Filter } from 'mongodb';
import { listCollections } from '../../database';
import { fromPlain } from '../../schema';
import { dropCollection } from '../drop-collection';
import { send } from '../session';
import { documents } from '../../support/counts';
import { describeTaken, eachPending, type Execution, type Look } from './execution';

export const collection: Execution<'collection'> = {
  action: ({ from, to }) => {
    if (from !== undefined && to !== undefined) return undefined;
    return to === undefined ? 'dropCollection' : 'createCollection';
  },
  reads: () => ({}),
  isHalfDone: () => false,
  holdsNeitherSide: () => false,
  keepsEdited: false,
  isInOrder: false,
  obstacle: describeTaken,
  remedy: () => 'these options cannot be changed on a collection that exists: copy its documents into a new one',
  looks: ({ place, to }, { removed }) => (to === undefined ? [documentsToLose(place.collection, removed)] : []),
};

function documentsToLose(name: string, removed: readonly unknown[]): Look {
  return {
    kind: 'documents to lose',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      const others = { _id: { $nin: removed } } as Filter<Document>;
      const options = { maxTimeMS, readPreference: 'primary' } as const;
      const count = await db.collection(name).countDocuments(others, options);
      return count === 0 ? undefined : { count, message: `dropping it would lose ${documents(count)}` };
    },
  };
}

export const createCollection = eachPending<'collection'>(async (session, name, { to = {} }) => {
  await send(session, { create: name, ...fromPlain(to) });
  const [made] = await listCollections(session.db, [name]);
  if (made?.info?.uuid) session.uuids?.set(name, made.info.uuid);
});

export const dropCollections = eachPending<'collection'>((session, name) => dropCollection(session, name));
