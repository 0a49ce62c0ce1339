import { addValidator, changeTtl, dropIndexes, insertDocuments, migration } from '../../../src/migration';

export default migration(
  __filename,
  addValidator('letters', { $jsonSchema: { required: ['code'], properties: { code: { bsonType: 'string' } } } }),
  insertDocuments('letters', [
    { _id: 'first', code: 'a' },
    { _id: 'second', code: 'b' },
  ]),
  changeTtl('stamps', 'printed_at_1', { from: 86_400, to: 3_600 }),
  dropIndexes('stamps', [{ name: 'country_1', key: { country: 1 }, serves: 'the stamps of a country' }]),
);
