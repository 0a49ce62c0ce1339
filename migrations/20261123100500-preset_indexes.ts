import { createIndexes, migration } from '../src/migration';

/** People pick a preset from the system's (no user) and their own; no two of one owner share a name. */
export default migration(
  __filename,
  createIndexes('presets', [
    { name: 'user_id_1', key: { user_id: 1 }, serves: "the system's presets and a user's own" },
    {
      name: 'user_id_1_name_1',
      key: { user_id: 1, name: 1 },
      unique: true,
      serves: 'a preset by its name; one per owner and name',
    },
    { name: 'created_at_1', key: { created_at: 1 }, serves: 'the newest presets in the admin list' },
  ]),
);
