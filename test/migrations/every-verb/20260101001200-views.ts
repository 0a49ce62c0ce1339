import { createCollections, createView, migration } from '../../../src/migration';
import { german } from '../../support/collations';

/** On a collection, on each other, and with a collation, beside the collection that one of them joins. */
export default migration(
  __filename,
  createCollections('plans'),
  createView('members', {
    on: 'users',
    pipeline: [{ $match: { at: { $gte: new Date(0) } } }, { $sort: { z: 1, a: 1 } }],
  }),
  createView('paying', {
    on: 'members',
    pipeline: [{ $lookup: { from: 'plans', localField: 'plan', foreignField: '_id', as: 'plan' } }],
  }),
  createView('people', { on: 'users', pipeline: [], collation: german }),
);
