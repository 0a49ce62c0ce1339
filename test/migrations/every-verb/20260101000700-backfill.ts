import { backfill, changeValidator, createIndexes, migration } from '../../../src/migration';

const requiring = (...required: string[]) => ({ validator: { $jsonSchema: { required } } });

/** A data step between changes that need it and changes that do not. */
export default migration(
  __filename,
  createIndexes('users', [{ name: 'language_1', key: { language: 1 }, serves: 'a test' }]),
  backfill('users', {
    filter: { language: { $exists: false } },
    update: { $set: { language: 'en' } },
    batchSize: 10,
    undo: { filter: { language: 'en' }, update: { $unset: { language: '' } } },
  }),
  changeValidator('users', { from: requiring('email'), to: requiring('email', 'language') }),
);
