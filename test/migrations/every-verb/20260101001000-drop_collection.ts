import { addValidator, createCollections, createIndexes, dropCollection } from '../../../src/migration';
import { insertDocuments, migration } from '../../../src/migration';

const serves = 'a test';

export default migration(
  __filename,
  dropCollection('drafts', {
    reason: 'drafts live in the browser now',
    was: [
      createCollections('drafts'),
      addValidator('drafts', { at: { $gte: new Date(0) } }, { validationLevel: 'off' }),
      createIndexes('drafts', [
        { name: 'at_1', key: { at: 1 }, partialFilterExpression: { at: { $gte: new Date(0) } }, serves },
        { name: 'place_2dsphere', key: { place: '2dsphere' }, serves },
      ]),
      insertDocuments('drafts', [{ _id: 'first', at: new Date(0) }]),
    ],
  }),
);
