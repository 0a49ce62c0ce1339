import { BSON, type Db, type Document } from 'mongodb';
import type { Change } from '../../src/schema';

/** Makes a change as a person would, with the driver alone: nothing of the executor is used. */
export async function makeByHand(db: Db, { at, to }: Change): Promise<void> {
  const [collection, part, name] = at;
  const value = BSON.EJSON.deserialize(to as Document) as Document;
  switch (part) {
    case 'options':
      await db.createCollection(collection, value);
      return;
    case 'validator':
      await db.command({ collMod: collection, ...value });
      return;
    case 'documents':
      await db.collection(collection).insertOne(value);
      return;
    case 'indexes': {
      const { key, ...options } = value as { key: Record<string, 1> } & Document;
      await db.collection(collection).createIndex(key, { name, ...options }, {});
    }
  }
}
