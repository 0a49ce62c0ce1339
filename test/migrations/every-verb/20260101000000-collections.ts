import { createCollections, migration } from '../../../src/migration';
import { german } from '../../support/collations';

/** One of each kind. */
export default migration(
  __filename,
  createCollections('users', 'settings', 'drafts', 'presets'),
  createCollections({ name: 'events', capped: true, size: 4096, max: 100 }, { name: 'towns', collation: german }),
  createCollections({ name: 'files', clusteredIndex: { key: { _id: 1 }, unique: true } }),
);
