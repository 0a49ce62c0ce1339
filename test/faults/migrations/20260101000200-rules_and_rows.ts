import { addValidator, insertDocuments, migration } from '../../../src/migration';

export default migration(
  __filename,
  addValidator('letters', { $jsonSchema: { required: ['code'], properties: { code: { bsonType: 'string' } } } }),
  insertDocuments('letters', [
    { _id: 'first', code: 'a' },
    { _id: 'second', code: 'b' },
  ]),
);
