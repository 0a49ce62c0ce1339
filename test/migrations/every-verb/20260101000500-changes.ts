import { changeTtl, changeValidator, hideIndex, makeUnique, migration } from '../../../src/migration';

const email = { $jsonSchema: { required: ['email'] } };

/** Everything that can be changed of what is there. */
export default migration(
  __filename,
  changeTtl('users', 'seen_1', { from: 86_400, to: 3_600 }),
  hideIndex('users', 'name_1'),
  makeUnique('users', 'email_1'),
  changeValidator('users', { from: { validator: email, validationLevel: 'moderate' }, to: { validator: email } }),
  changeValidator('drafts', {
    from: { validator: { at: { $type: 'date' } }, validationAction: 'warn' },
    to: { validator: { at: { $gte: new Date(0) } }, validationLevel: 'off' },
  }),
);
