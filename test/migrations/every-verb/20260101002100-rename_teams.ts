import { changeView, createView, dropView, migration, renameCollection } from '../../../src/migration';

const pipeline = [{ $match: { name: { $ne: null } } }];

/** With everything in it. The old name stays readable. */
export default migration(
  __filename,
  dropView('groups', { on: 'teams', pipeline: [] }),
  renameCollection('teams', 'groups'),
  changeView('crew', { from: { on: 'teams', pipeline }, to: { on: 'groups', pipeline } }),
  createView('teams', { on: 'groups', pipeline: [] }),
);
