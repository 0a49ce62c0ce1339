import { createCollections, createIndexes, migration } from '../../../src/migration';

export default migration(
  __filename,
  createCollections('envelopes'),
  createIndexes('envelopes', [{ name: 'size_1', key: { size: 1 }, serves: 'the envelopes of a size' }]),
);
