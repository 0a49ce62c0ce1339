import type { PlainObject } from '../../schema';
import { literal, propertyName } from './literal';

/** The documents to delete: those whose field is older than a given time. */
export interface OldDocuments {
  readonly collection: string;
  readonly field: string;
  /** A time that `Date` can read. */
  readonly before: string;
  /** The filter of a partial index, which lets only matching documents expire. */
  readonly where?: PlainObject | undefined;
}

/** Returns the code of a data step that deletes old documents in batches, and the code of the constant that the step uses. */
export function deletionOfOld({ collection, field, before, where }: OldDocuments): {
  readonly head: string;
  readonly step: string;
} {
  const name = literal(collection);
  const old = `{ ${propertyName(field)}: { $lt: new Date(${literal(before)}) } }`;
  return {
    head: `const old = ${where ? `{ $and: [${literal(where)}, ${old}] }` : old};`,
    step: `\
run(${literal(`delete old documents of ${collection} in batches`)}, {
  writes: [${name}],
  deletes: { collection: ${name}, filter: old },
  isDone: async (db) => (await db.collection(${name}).findOne(old)) === null,
  run: async ({ db, guard }) => {
    const collection = db.collection(${name});
    for (;;) {
      const batch = await collection.find(old, { projection: { _id: 1 }, limit: 5000 }).toArray();
      if (batch.length === 0) return;
      await guard();
      await collection.deleteMany({ _id: { $in: batch.map(({ _id }) => _id) } }, { writeConcern: { w: 'majority' } });
    }
  },
  undo: irreversible('the deleted documents are gone'),
})`,
  };
}
