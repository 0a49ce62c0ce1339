import { addValidator, createCollections, createIndexes, insertDocuments, migration } from '../../../src/migration';
import { suppress } from '../../../src/migration';

/** A collection with everything that one can have, in one migration. */
export default migration(
  __filename,
  createCollections({ name: 'teams', capped: true, size: 4096 }),
  addValidator('teams', { $jsonSchema: { required: ['name'] } }),
  suppress(
    'SM001',
    'it is new',
    createIndexes('teams', [
      { name: 'name_1', key: { name: 1 }, unique: true, serves: 'a test' },
      { name: 'at_-1', key: { at: -1 }, serves: 'a test' },
    ]),
  ),
  insertDocuments('teams', [{ _id: 'all', name: 'Everybody' }]),
);
