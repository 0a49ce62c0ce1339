import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';

interface Post {
  readonly _id: number;
  readonly words?: number;
}

/** Goes over what is left, as plain migrations should be written: a run that is killed leaves the rest to the next one. */
export async function up(db: Db): Promise<void> {
  await db.collection('begun').insertOne({});
  const posts = db.collection<Post>('posts');
  for (let batch = 1; ; batch++) {
    const left = await posts.find({ words: { $exists: false } }, { sort: { _id: 1 }, limit: 5 }).toArray();
    if (left.length === 0) return;
    await posts.updateMany({ _id: { $in: left.map(({ _id }) => _id) }, words: { $exists: false } }, [
      { $set: { words: 1, updates: { $add: [{ $ifNull: ['$updates', 0] }, 1] } } },
    ]);
    // Nothing tells how far a plain migration has come, so it says so itself to whoever kills it.
    process.stdout.write(`${db.databaseName}\n`);
    // Ever slower, so that it is not done before the steps that it runs beside have begun.
    await sleep(10 * batch);
  }
}

export async function down(db: Db): Promise<void> {
  await db.collection('posts').updateMany({}, { $unset: { words: '', updates: '' } });
}
