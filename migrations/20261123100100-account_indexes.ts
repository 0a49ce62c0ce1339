import { createIndexes, migration } from '../src/migration';

/**
 * Sign-in finds one account by email or by an OAuth id; a person's keys, sessions and trail are listed by user.
 * The OAuth indexes are sparse: most accounts have no such id, and those must not collide with each other.
 */
export default migration(
  __filename,
  createIndexes('users', [
    { name: 'email_1', key: { email: 1 }, unique: true, serves: 'sign-in by email; one account per address' },
    { name: 'created_at_1', key: { created_at: 1 }, serves: 'the newest accounts in the admin list' },
    {
      name: 'oauth.google_id_1',
      key: { 'oauth.google_id': 1 },
      unique: true,
      sparse: true,
      serves: 'sign-in with Google; one account per Google id',
    },
    {
      name: 'oauth.github_id_1',
      key: { 'oauth.github_id': 1 },
      unique: true,
      sparse: true,
      serves: 'sign-in with GitHub; one account per GitHub id',
    },
  ]),
  createIndexes('api_keys', [
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's keys on the settings page" },
    {
      name: 'user_id_1_provider_1',
      key: { user_id: 1, provider: 1 },
      serves: "a user's key for the provider that a job is about to call",
    },
  ]),
  createIndexes('refresh_tokens', [
    { name: 'user_id_1', key: { user_id: 1 }, serves: "a user's sessions; signing out everywhere" },
    { name: 'token_1', key: { token: 1 }, unique: true, serves: 'renewing a session by its token' },
  ]),
  createIndexes('audit_logs', [
    {
      name: 'user_id_1_created_at_1',
      key: { user_id: 1, created_at: 1 },
      serves: 'what a user did in a span of time, in order',
    },
    { name: 'event_type_1', key: { event_type: 1 }, serves: 'all events of one kind, such as failed sign-ins' },
  ]),
);
