import { changeTtl, migration } from '../../../src/migration';

/** One index gets a TTL, another loses it. */
export default migration(
  __filename,
  changeTtl('settings', 'a_1', { to: 3600 }),
  changeTtl('users', 'seen_1', { from: 3600 }),
);
