import { changeTextIndex, migration } from '../../../src/migration';

const bio = { name: 'bio_text', key: { bio: 'text' }, serves: 'a test' } as const;

export default migration(
  __filename,
  changeTextIndex('users', {
    reason: 'a test',
    from: { ...bio, weights: { bio: 3 }, default_language: 'german' },
    to: { ...bio, weights: { bio: 5 } },
  }),
);
