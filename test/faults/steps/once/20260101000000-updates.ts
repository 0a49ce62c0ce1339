import { backfill, createCollections, irreversible, migration } from '../../../../src/migration';

/** Nothing in a document tells whether it was updated: one that is updated twice shows, and so does one that was left out. */
export default migration(
  __filename,
  createCollections('posts'),
  backfill('posts', {
    filter: {},
    update: { $inc: { updates: 1 } },
    once: true,
    batchSize: 5,
    pause: 20,
    undo: irreversible('a test'),
  }),
);
