import { createCollections, migration, removeDuplicates } from '../../../../src/migration';

export default migration(
  __filename,
  createCollections('posts', 'removed_posts'),
  removeDuplicates('posts', {
    key: ['slug'],
    keep: { newest: 'at' },
    reason: 'a test',
    undeclared: true,
    batchSize: 5,
  }),
);
