import { migration } from '../src/migration';

/** Why this change is made: one or two sentences for people who read this file in a year. */
export default migration(
  __filename,
  // Steps, for instance: createIndexes('projects', [{ name: 'user_id_1', key: { user_id: 1 }, serves: 'whose projects' }]),
);
