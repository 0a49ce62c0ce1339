import { createIndexes, migration } from '../../../src/migration';
import { german } from '../../support/collations';

const serves = 'a test';

export default migration(
  __filename,
  createIndexes('users', [
    { name: 'email_1', key: { email: 1 }, serves },
    { name: 'seen_1', key: { seen: 1 }, expireAfterSeconds: 86_400, serves },
    { name: 'name_1', key: { name: 1 }, sparse: true, serves },
    { name: 'bio_text', key: { bio: 'text' }, weights: { bio: 3 }, default_language: 'german', serves },
  ]),
  // With the collation of their collection, and without any.
  createIndexes('towns', [
    { name: 'name_1', key: { name: 1 }, collation: german, serves },
    { name: 'zip_1', key: { zip: 1 }, serves },
  ]),
  createIndexes('drafts', [
    { name: 'at_1', key: { at: 1 }, partialFilterExpression: { at: { $gte: new Date(0) } }, serves },
    { name: 'place_2dsphere', key: { place: '2dsphere' }, serves },
  ]),
);
