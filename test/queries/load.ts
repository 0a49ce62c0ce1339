import type { Db, Document } from 'mongodb';

/** Stands wherever a query may have a value. It must never be seen. */
export const sentinel = 'SENTINELvalue';
/** How an application calls itself, which may be a value as well. */
export const appName = `app-${sentinel}`;

/** Queries of one shape. */
export interface Load {
  readonly collection: string;
  /** As the report writes it. */
  readonly text: string;
  readonly times: number;
  readonly run: (db: Db, at: number) => Promise<unknown>;
}

const value = (at: number) => `${sentinel}${at}`;
const orders = (db: Db) => db.collection('orders');
const comment = sentinel;

/** So many documents of each of 10 states; none of them has the sentinel. */
export async function fillOrders(db: Db, count = 500): Promise<void> {
  const documents = Array.from({ length: count }, (_, at) => ({
    state: at % 10,
    at,
    customer: `c${at % 7}`,
    lines: [{ product: at % 5, price: at }],
  }));
  await orders(db).insertMany(documents);
}

/** A find by a filter, with everything beside it that a query may hold. */
function find(text: string, times: number, filter: (at: number) => Document, sort?: Document): Load {
  return {
    collection: 'orders',
    text: `find ${text}`,
    times,
    run: (db, at) =>
      orders(db)
        .find(filter(at), { comment, batchSize: 1_000, let: { held: value(at) }, ...(sort && { sort }) })
        .toArray(),
  };
}

function aggregate(text: string, times: number, pipeline: (at: number) => Document[]): Load {
  return {
    collection: 'orders',
    text: `aggregate ${text}`,
    times,
    run: (db, at) => orders(db).aggregate(pipeline(at), { comment }).toArray(),
  };
}

const sentinelIn = (at: number) => ({ [sentinel]: { [value(at)]: [value(at)] } });

export const loads: readonly Load[] = [
  find('{ customer: ? }', 7, (at) => ({ customer: value(at) })),
  find(
    '{ customer: ?, state: ? } sort { at: -1 }',
    5,
    (at) => (at % 2 ? { state: at, customer: value(at) } : { customer: { $eq: value(at) }, state: at }),
    { at: -1 },
  ),
  find('{ at: { $gte: ?, $lt: ? } }', 3, (at) => ({
    at: at % 2 ? { $gte: at, $lt: at + 9 } : { $lt: 5, $gte: value(at) },
  })),
  find('{ customer: { $in: […] } }', 4, (at) => ({
    customer: { $in: Array.from({ length: at + 1 }, (_, one) => value(one)) },
  })),
  find('{ $or: [{ at: ? }, { customer: ? }] }', 2, (at) => ({
    $or: [{ customer: value(at) }, { at }, { customer: 'another' }],
  })),
  find('{ $and: [{ customer: ? }, { state: { $ne: ? } }] }', 2, (at) => ({
    $and: [{ state: { $ne: value(at) } }, { customer: value(at) }],
  })),
  find('{ customer: { $regex: ? } }', 3, (at) => ({
    customer: at === 1 ? new RegExp(value(at), 'i') : { $regex: value(at), $options: 'i' },
  })),
  find('{ customer: { $not: { $regex: ? } } }', 1, (at) => ({ customer: { $not: new RegExp(value(at)) } })),
  find('{ lines: { $elemMatch: { price: { $gt: ? }, product: ? } } }', 2, (at) => ({
    lines: { $elemMatch: { product: value(at), price: { $gt: at } } },
  })),
  find('{ nested: ? }', 2, (at) => ({ nested: sentinelIn(at) })),
  find('{ $expr: { $gt: [$at, ?] } }', 2, (at) => ({ $expr: { $gt: ['$at', value(at)] } })),
  find('{ $expr: { $eq: [$customer, { $concat: […] }] } }', 2, (at) => ({
    $expr: { $eq: ['$customer', { $concat: [value(at), 'x'] }] },
  })),
  find('{ $expr: { $eq: [$customer, ?] } }', 2, (at) => ({
    $expr: { $eq: ['$customer', { $literal: `$${value(at)}` }] },
  })),
  find('{ $expr: { $let: { vars: ?, in: { $eq: [$$?, $customer] } } } }', 1, (at) => ({
    $expr: { $let: { vars: { [`s${sentinel}`]: value(at) }, in: { $eq: [`$$s${sentinel}`, '$customer'] } } },
  })),
  find('{ $expr: { $function: ? } }', 1, (at) => ({
    $expr: { $function: { body: `function() { return '${value(at)}' === 'x' }`, args: [value(at)], lang: 'js' } },
  })),
  find('{ $where: ? }', 1, (at) => ({ $where: `this.customer === '${value(at)}'` })),
  find('{ maps.*.seen: { $exists: ? } }', 2, (at) => ({ [`maps.${at}@${sentinel}.seen`]: { $exists: true } })),
  find('{} sort { at: 1 }', 2, () => ({ $comment: sentinel }), { at: 1 }),
  aggregate('{ customer: ? } sort { at: 1 } $match $sort $group', 3, (at) => [
    { $match: { customer: value(at) } },
    { $sort: { at: 1 } },
    { $group: { _id: `$${sentinel}`, all: { $sum: 1 } } },
  ]),
  aggregate('{} $addFields $match $project $limit', 2, (at) => [
    { $addFields: { [sentinel]: value(at) } },
    { $match: { [sentinel]: value(at) } },
    { $project: { [sentinel]: { $concat: [value(at), '$customer'] } } },
    { $limit: 1 },
  ]),
  aggregate('{ state: ? } $match $lookup', 1, (at) => [
    { $match: { state: at } },
    {
      $lookup: {
        from: 'orders',
        let: { x: value(at) },
        pipeline: [{ $match: { customer: value(at) } }, { $limit: 1 }],
        as: sentinel,
      },
    },
  ]),
  {
    collection: 'orders',
    text: 'count { customer: ? }',
    times: 3,
    run: (db, at) => db.command({ count: 'orders', query: { customer: value(at) }, comment }),
  },
  {
    collection: 'orders',
    text: 'distinct customer { state: ? }',
    times: 2,
    run: (db, at) => orders(db).distinct('customer', { state: value(at) }, { comment }),
  },
  {
    collection: 'orders',
    text: 'update { customer: ? }',
    times: 3,
    run: (db, at) => orders(db).updateMany({ customer: value(at) }, { $set: { note: value(at) } }, { comment }),
  },
  {
    collection: 'orders',
    text: 'delete { customer: ? }',
    times: 2,
    run: (db, at) => orders(db).deleteMany({ customer: value(at) }, { comment }),
  },
  {
    collection: 'orders',
    text: 'findAndModify { customer: ? } sort { at: -1 }',
    times: 2,
    run: (db, at) =>
      orders(db).findOneAndUpdate(
        { customer: value(at) },
        { $set: { note: value(at) } },
        { sort: { at: -1 }, comment },
      ),
  },
  {
    collection: 'orders',
    text: 'find { customer: ? } with a collation',
    times: 2,
    run: (db, at) =>
      orders(db)
        .find({ customer: value(at) }, { collation: { locale: 'de' }, comment })
        .toArray(),
  },
  {
    collection: 'orders',
    text: 'find { at: ? }',
    times: 1,
    run: (db, at) =>
      orders(db)
        .find({ at: value(at) }, { hint: { at: 1 }, max: { at: value(at) }, min: { at: sentinel } })
        .toArray()
        .catch(() => undefined),
  },
  {
    collection: 'orders',
    text: 'find {} sort { at: -1 }',
    times: 1,
    run: (db) =>
      orders(db)
        .find({}, { sort: { at: -1 }, batchSize: 300, comment })
        .toArray(),
  },
  // The same one asks for the rest.
  { collection: 'orders', text: 'getMore {} sort { at: -1 }', times: 1, run: () => Promise.resolve() },
  {
    collection: 'orders',
    text: 'insert',
    times: 2,
    run: (db, at) => orders(db).insertOne({ customer: 'c1', note: `${sentinel}${at}` }),
  },
];

/** Runs all of them, one after the other. */
export async function runLoads(db: Db): Promise<void> {
  for (const { times, run } of loads) for (let at = 0; at < times; at++) await run(db, at);
}
