import { addValidator, createCollections, createIndexes } from '../migration';
import { literal } from '../review/lint/literal';
import type { Planned } from './planned';

const objectId = { bsonType: 'objectId' };
const date = { bsonType: 'date' };
const strict = { validationLevel: 'strict', validationAction: 'error' } as const;

/**
 * Plans a new collection with the usual fields: an `_id`, the times when a document was created and updated, and its user if documents
 * belong to users.
 * @param isOwned whether each document belongs to a user
 */
export function collectionFrame(collection: string, isOwned: boolean): Planned {
  const owner = isOwned ? ['user_id'] : [];
  const validator = {
    $jsonSchema: {
      bsonType: 'object',
      required: [...owner, 'created_at'],
      properties: { _id: objectId, ...(isOwned && { user_id: objectId }), created_at: date, updated_at: date },
    },
  };
  const index = isOwned
    ? {
        name: 'user_id_1_created_at_-1',
        key: { user_id: 1, created_at: -1 } as const,
        serves: `the ${collection} of a user, newest first`,
      }
    : { name: 'created_at_-1', key: { created_at: -1 } as const, serves: `the newest ${collection}` };
  const name = literal(collection);
  return {
    frame: {
      verbs: ['addValidator', 'createCollections', 'createIndexes'],
      why: `What documents of ${collection} are, and which queries read them.`,
      steps: [
        `createCollections(${name})`,
        `addValidator(${name}, ${literal(validator)}, ${literal(strict)})`,
        `createIndexes(${name}, [${literal(index)}])`,
      ],
    },
    steps: [
      createCollections(collection),
      addValidator(collection, validator, strict),
      createIndexes(collection, [index]),
    ],
  };
}
