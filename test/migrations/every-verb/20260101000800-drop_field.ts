import { createIndexes, dropField, migration } from '../../../src/migration';

/** It cannot be undone. */
export default migration(
  __filename,
  createIndexes('settings', [
    { name: 'a_1', key: { a: 1 }, serves: 'a test' },
    { name: 'b_1', key: { b: 1 }, serves: 'a test' },
  ]),
  dropField('users', 'legacy', { reason: 'nothing reads it' }),
);
