import type { Db, Document, IndexSpecification } from 'mongodb';
import { fromPlain, toWire, type Change, type PlainObject } from '../../src/schema';

/** Makes a change as a person would, only with the driver, without the tool's executor. */
export async function makeByHand(db: Db, change: Change): Promise<void> {
  const { at, from, to } = toWire(change);
  const [name = '', part = '', key = '', attribute] = at;
  const collection = db.collection(name);
  switch (part) {
    case 'options':
      if (from !== undefined && to !== undefined) {
        await db.command({ collMod: name, ...changedOptions(bson(from), bson(to)) });
        return;
      }
      if (from !== undefined) await collection.drop();
      if (to !== undefined) await db.createCollection(name, bson(to));
      return;
    case 'name':
      await db.renameCollection(String(from), String(to));
      return;
    case 'view':
      if (from !== undefined && to !== undefined) await db.command({ collMod: name, ...bson(to) });
      else if (to === undefined) await collection.drop();
      else await db.createCollection(name, bson(to));
      return;
    case 'validator':
      await db.command({ collMod: name, ...noValidator, ...(to !== undefined && bson(to)) });
      return;
    case 'documents':
      if (from !== undefined) await collection.deleteOne({ _id: bson(from)['_id'] as never });
      if (to !== undefined) await collection.insertOne(bson(to));
      return;
    case 'indexes':
      if (attribute !== undefined) {
        await changeIndexByHand(db, name, key, { [attribute]: to ?? false });
        return;
      }
      if (from !== undefined) await collection.dropIndex(key);
      if (to !== undefined) await createByHand(db, name, key, bson(to));
      return;
    default:
      throw new Error(`There is no code to make ${at.join('.')} by hand.`);
  }
}

function changedOptions(from: Readonly<Record<string, unknown>>, to: Readonly<Record<string, unknown>>): Document {
  const images = { enabled: to['changeStreamPreAndPostImages'] !== undefined };
  const expiry = { expireAfterSeconds: to['expireAfterSeconds'] ?? 'off' };
  if (to['timeseries'] !== undefined) {
    const { granularity } = to['timeseries'] as { granularity?: string };
    const isSame = JSON.stringify(from['timeseries']) === JSON.stringify(to['timeseries']);
    return isSame ? expiry : { ...expiry, timeseries: { granularity } };
  }
  return {
    changeStreamPreAndPostImages: images,
    ...(to['size'] !== from['size'] && { cappedSize: to['size'] }),
    ...(to['max'] !== from['max'] && { cappedMax: to['max'] }),
    ...(to['clusteredIndex'] !== undefined && expiry),
  };
}

/** collMod changes only what is named, so an earlier level would stay. */
const noValidator = { validator: {}, validationLevel: 'strict', validationAction: 'error' };

async function changeIndexByHand(db: Db, collection: string, name: string, change: Document): Promise<void> {
  const modify = (index: Document) => db.command({ collMod: collection, index: { name, ...index } });
  if (change['unique'] === false || change['expireAfterSeconds'] === false) {
    // collMod cannot undo this.
    const found = (await db.collection(collection).indexes()).find((index) => index['name'] === name);
    const gone = ['v', ...Object.keys(change)];
    const plain = Object.fromEntries(Object.entries(found as Document).filter(([option]) => !gone.includes(option)));
    await db.collection(collection).dropIndex(name);
    await createByHand(db, collection, name, plain);
    return;
  }
  if (change['unique'] === true) await modify({ prepareUnique: true });
  await modify(change);
}

async function createByHand(db: Db, collection: string, name: string, index: Document): Promise<void> {
  // Without a collation, an index would inherit that of its collection.
  const [info] = await db.listCollections({ name: collection }).toArray();
  const takesNone = info?.type === 'timeseries' && index['partialFilterExpression'] !== undefined;
  const simple = takesNone ? {} : { collation: { locale: 'simple' } };
  const { key, ...options } = { ...simple, ...index } as unknown as { key: IndexSpecification };
  await db.collection(collection).createIndex(key, { ...options, name }, {});
}

function bson(plain: unknown): Document {
  return fromPlain(plain as PlainObject);
}
