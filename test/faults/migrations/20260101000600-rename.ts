import { createView, migration, renameCollection } from '../../../src/migration';

export default migration(
  __filename,
  renameCollection('stamps', 'postage'),
  createView('stamps', { on: 'postage', pipeline: [] }),
);
