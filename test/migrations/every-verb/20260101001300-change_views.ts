import { changeView, dropView, migration } from '../../../src/migration';
import { german } from '../../support/collations';

export default migration(
  __filename,
  changeView('paying', {
    from: {
      on: 'members',
      pipeline: [{ $lookup: { from: 'plans', localField: 'plan', foreignField: '_id', as: 'plan' } }],
    },
    to: { on: 'users', pipeline: [{ $match: { plan: { $ne: null } } }] },
  }),
  dropView('people', { on: 'users', pipeline: [], collation: german }),
);
