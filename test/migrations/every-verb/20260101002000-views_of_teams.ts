import { createView, migration } from '../../../src/migration';

/** A reader of the old name, and one that has the new name. */
export default migration(
  __filename,
  createView('crew', { on: 'teams', pipeline: [{ $match: { name: { $ne: null } } }] }),
  createView('groups', { on: 'teams', pipeline: [] }),
);
