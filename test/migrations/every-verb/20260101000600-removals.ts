import { createIndexes, dropIndexes, migration, removeValidator } from '../../../src/migration';

const serves = 'a test';

/** An index makes room for one with the same keys, and a validator goes. */
export default migration(
  __filename,
  dropIndexes('towns', [{ name: 'zip_1', key: { zip: 1 }, serves }]),
  createIndexes('towns', [{ name: 'by_zip', key: { zip: 1 }, serves }]),
  removeValidator('towns', { validator: { zip: { $regex: '^[0-9]+$' } } }),
);
