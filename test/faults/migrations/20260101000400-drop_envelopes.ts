import { createCollections, createIndexes, dropCollection, migration } from '../../../src/migration';

export default migration(
  __filename,
  dropCollection('envelopes', {
    reason: 'nobody writes letters any more',
    was: [
      createCollections('envelopes'),
      createIndexes('envelopes', [{ name: 'size_1', key: { size: 1 }, serves: 'the envelopes of a size' }]),
    ],
  }),
);
