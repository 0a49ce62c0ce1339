import { createCollections, migration, removeDuplicates, renameField } from '../../../src/migration';

/** Data steps that come after what they need, and can be undone. */
export default migration(
  __filename,
  createCollections('removed_users'),
  removeDuplicates('users', { key: ['email'], keep: { oldest: '_id' }, reason: 'a test', into: 'removed_users' }),
  renameField('users', 'nickname', 'alias', { undeclared: true }),
);
