import { migration, run } from '../../../src/migration';

/** It has an undo of its own. */
export default migration(
  __filename,
  run('store the settings', {
    isDone: async (db) => (await db.collection('settings').countDocuments()) === 1,
    run: async ({ db, guard }) => {
      await guard();
      await db.collection('settings').insertOne({ theme: 'dark' });
    },
    undo: async ({ db, guard }) => {
      await guard();
      await db.collection('settings').deleteMany({});
    },
    writes: ['settings'],
  }),
);
