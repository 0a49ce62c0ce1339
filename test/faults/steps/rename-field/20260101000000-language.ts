import { createCollections, migration, renameField } from '../../../../src/migration';

export default migration(
  __filename,
  createCollections('posts'),
  renameField('posts', 'lang', 'content.language', { undeclared: true, batchSize: 5, pause: 20 }),
);
