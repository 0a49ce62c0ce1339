import { addValidator, migration } from '../../../src/migration';

export default migration(
  __filename,
  addValidator('users', { $jsonSchema: { required: ['email'] } }, { validationLevel: 'moderate' }),
  addValidator('drafts', { at: { $type: 'date' } }, { validationAction: 'warn' }),
  addValidator('towns', { zip: { $regex: '^[0-9]+$' } }),
);
