import { createCollections, dropField, migration } from '../../../../src/migration';

export default migration(
  __filename,
  createCollections('posts'),
  dropField('posts', 'parts.draft', { reason: 'a test', undeclared: true, batchSize: 5, pause: 20 }),
);
