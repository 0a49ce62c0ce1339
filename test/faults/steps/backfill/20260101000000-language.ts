import { backfill, createCollections, migration } from '../../../../src/migration';

/** Each document counts how often it was updated, so that an update that is made twice shows. */
export default migration(
  __filename,
  createCollections('posts'),
  backfill('posts', {
    filter: { language: { $exists: false } },
    update: [{ $set: { language: 'en', updates: { $add: [{ $ifNull: ['$updates', 0] }, 1] } } }],
    batchSize: 5,
    pause: 20,
  }),
);
