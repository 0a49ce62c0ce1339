import { migration, run } from '../../../src/migration';

const people = Array.from({ length: 30 }, (_, _id) => ({
  _id,
  email: `${_id}@example.com`,
  nickname: `${_id}`,
  legacy: _id % 2,
}));

/** What the later ones have to deal with. It stays when this one goes down. */
export default migration(
  __filename,
  run('make people', {
    isDone: async (db) => (await db.collection('users').countDocuments()) >= people.length,
    run: async ({ db, guard }) => {
      await guard();
      await db.collection<{ _id: number }>('users').insertMany(people);
    },
    undo: 'nothing to undo',
    writes: ['users'],
  }),
);
