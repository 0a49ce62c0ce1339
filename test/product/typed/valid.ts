import { Double, Int32, Long, ObjectId } from 'mongodb';
import type { Collections, DocumentFilter, DocumentUpdate, User } from '../../../src';
import { sample } from '../../support/samples';

const id = new ObjectId();
const now = new Date('2026-11-23T12:00:00Z');

/** What the types have to let through, since the server takes it: a test runs each. */
export const filters = {
  'by _id': ({ users }: Collections) => users.findOne({ _id: id }),
  'without a filter': ({ users }: Collections) => users.find().toArray(),
  'an empty filter': ({ users }: Collections) => users.countDocuments({}),
  'a nested path': ({ users }: Collections) => users.findOne({ 'oauth.google_id': '7' }),
  'a deep path': ({ projects }: Collections) => projects.findOne({ 'config.llm.temperature': { $lt: 1 } }),
  'a whole object': ({ users }: Collections) => users.findOne({ oauth: { google_id: '7' } }),
  'null for absent': ({ users }: Collections) => users.findOne({ oauth: null, 'oauth.github_id': null }),
  'one of several': ({ projects }: Collections) => projects.find({ status: { $in: ['active', 'draft'] } }).toArray(),
  'none of several': ({ projects }: Collections) => projects.find({ status: { $nin: ['archived'] } }).toArray(),
  'another value': ({ users }: Collections) => users.find({ role: { $ne: 'admin' } }).toArray(),
  'an expression': ({ users }: Collections) => users.find({ email: /@example\.com$/i }).toArray(),
  '$regex with options': ({ users }: Collections) => users.find({ email: { $regex: '^ada', $options: 'i' } }).toArray(),
  'an expression among several': ({ users }: Collections) => users.find({ email: { $in: [/^a/, 'b@c.d'] } }).toArray(),
  'an expression on a choice': ({ results }: Collections) => results.find({ platform: /^google_/ }).toArray(),
  'not an expression': ({ users }: Collections) => users.find({ name: { $not: /^x/ } }).toArray(),
  'not an operator': ({ users }: Collections) => users.find({ created_at: { $not: { $gt: now } } }).toArray(),
  'a range of dates': ({ users }: Collections) => users.find({ created_at: { $gte: now, $lt: new Date() } }).toArray(),
  'a range of texts': ({ users }: Collections) => users.find({ role: { $gt: 'm' } }).toArray(),
  'whether it is there': ({ results }: Collections) => results.find({ analysis: { $exists: false } }).toArray(),
  'its type': ({ users }: Collections) => users.find({ name: { $type: ['string', 'null'] } }).toArray(),
  'a number of a class': ({ targets }: Collections) =>
    targets.find({ results_count: { $gte: Long.fromNumber(1), $lt: new Double(9), $ne: new Int32(3) } }).toArray(),
  'a remainder': ({ targets }: Collections) => targets.find({ results_count: { $mod: [2, 0] } }).toArray(),
  bits: ({ targets }: Collections) => targets.find({ results_count: { $bitsAllSet: 3 } }).toArray(),
  'an item of a list': ({ webhooks }: Collections) => webhooks.find({ events: 'job.failed' }).toArray(),
  'a whole list': ({ webhooks }: Collections) => webhooks.find({ events: ['job.failed'] }).toArray(),
  'all of a list': ({ webhooks }: Collections) => webhooks.find({ events: { $all: ['job.failed', /^job/] } }).toArray(),
  'the length of a list': ({ webhooks }: Collections) => webhooks.find({ events: { $size: 2 } }).toArray(),
  'an item at a place': ({ webhooks }: Collections) => webhooks.find({ 'events.0': 'job.failed' }).toArray(),
  'an id in a list': ({ scrape_jobs }: Collections) =>
    scrape_jobs.find({ target_ids: { $in: [id] }, 'target_ids.3': id }).toArray(),
  'a field of any item': ({ results }: Collections) => results.find({ 'analysis.aspects.name': 'sound' }).toArray(),
  'a field of the item at a place': ({ results }: Collections) =>
    results.find({ 'analysis.aspects.0.score': { $gt: 0.5 } }).toArray(),
  '$elemMatch on objects': ({ results }: Collections) =>
    results.find({ 'analysis.aspects': { $elemMatch: { name: 'sound', score: { $lt: 0 } } } }).toArray(),
  '$elemMatch on values': ({ results }: Collections) =>
    results.find({ 'analysis.topics': { $elemMatch: { $gt: 'a', $lt: 'b' } } }).toArray(),
  '$elemMatch within $all': ({ results }: Collections) =>
    results.find({ 'analysis.aspects': { $all: [{ $elemMatch: { label: 'positive' } }] } }).toArray(),
  '$and, $or and $nor': ({ results }: Collections) =>
    results
      .find({
        $and: [{ platform: 'amazon' }, { 'content.rating': { $gte: 4 } }],
        $or: [{ user_id: id }, { $nor: [{ 'content.title': 'x' }] }],
      })
      .toArray(),
  $expr: ({ scrape_jobs }: Collections) =>
    scrape_jobs.find({ $expr: { $eq: ['$progress.done', '$progress.total'] } }).toArray(),
  '$text, with a comment': ({ results }: Collections) =>
    results.find({ $text: { $search: 'sound' }, $comment: 'a test' }).toArray(),
  $jsonSchema: ({ users }: Collections) => users.find({ $jsonSchema: { required: ['name'] } }).toArray(),
  'null where it may be': ({ audit_logs }: Collections) => audit_logs.find({ user_id: null }).toArray(),
  'a path into what is not known': ({ audit_logs }: Collections) =>
    audit_logs.find({ 'details.any.thing': 1, 'details.list.0': { $gt: 'x' } }).toArray(),
  'a filter that is put together in steps': ({ users }: Collections) => {
    const filter: DocumentFilter<User> = { role: 'admin' };
    filter['oauth.google_id'] = { $exists: true };
    filter.$or = [{ name: 'Ada' }];
    return users.find(filter).toArray();
  },
  'a filter of constants': ({ users }: Collections) => {
    const filter = { role: { $in: ['admin', 'user'] }, email: /a/ } as const;
    return users.find(filter).toArray();
  },
  'what is found, as another type': ({ users }: Collections) =>
    users.find<{ email: string }>({}, { projection: { email: 1 } }).toArray(),
} as const;

export const writes = {
  'an insert without _id': ({ users }: Collections) => users.insertOne(sample('users')),
  'an insert with _id': ({ users }: Collections) => users.insertOne({ ...sample('users'), _id: new ObjectId() }),
  'several inserts': ({ users }: Collections) => users.insertMany([sample('users'), sample('users')]),
  $set: ({ users }: Collections) => users.updateOne({ _id: id }, { $set: { name: 'Ada', role: 'admin' } }),
  '$set by a path': ({ users }: Collections) => users.updateOne({ _id: id }, { $set: { 'oauth.google_id': '7' } }),
  '$set of an object': ({ scrape_jobs }: Collections) =>
    scrape_jobs.updateOne({ _id: id }, { $set: { progress: { total: 3, done: 0 } } }),
  '$set of null': ({ presets }: Collections) => presets.updateOne({ _id: id }, { $set: { user_id: null } }),
  '$set of a number of a class': ({ targets }: Collections) =>
    targets.updateOne({ _id: id }, { $set: { results_count: Long.fromNumber(5) } }),
  '$set of an item at a place': ({ webhooks }: Collections) =>
    webhooks.updateOne({ _id: id }, { $set: { 'events.0': 'job.failed' } }),
  '$set of the item that was found': ({ results }: Collections) =>
    results.updateOne({ 'analysis.aspects.name': 'x' }, { $set: { 'analysis.aspects.$.score': 0.5 } }),
  '$set of all items': ({ results }: Collections) =>
    results.updateMany({ 'analysis.aspects': { $exists: true } }, { $set: { 'analysis.aspects.$[].score': 0 } }),
  '$set of some items': ({ results }: Collections) =>
    results.updateMany(
      { 'analysis.aspects': { $exists: true } },
      { $set: { 'analysis.aspects.$[bad].label': 'negative' } },
      { arrayFilters: [{ 'bad.score': { $lt: 0 } }] },
    ),
  '$set within what is not known': ({ audit_logs }: Collections) =>
    audit_logs.updateOne({ _id: id }, { $set: { 'details.any.thing': [1] } }),
  '$unset, $inc, $mul, $min and $max': ({ targets }: Collections) =>
    targets.updateOne(
      { _id: id },
      { $unset: { name: '' }, $inc: { results_count: 1 }, $max: { last_scraped_at: now } },
    ),
  '$inc by a path': ({ scrape_jobs }: Collections) =>
    scrape_jobs.updateOne({ _id: id }, { $inc: { 'progress.done': new Int32(1) }, $mul: { results_count: 2 } }),
  '$min and $bit': ({ targets }: Collections) =>
    targets.updateOne({ _id: id }, { $min: { last_scraped_at: now }, $bit: { results_count: { and: 3 } } }),
  $currentDate: ({ users }: Collections) =>
    users.updateOne({ _id: id }, { $currentDate: { updated_at: true, last_login_at: { $type: 'date' } } }),
  $rename: ({ users }: Collections) => users.updateOne({ _id: id }, { $rename: { name: 'full_name' } }),
  $push: ({ webhooks }: Collections) => webhooks.updateOne({ _id: id }, { $push: { events: 'job.failed' } }),
  '$push of several': ({ results }: Collections) =>
    results.updateOne(
      { _id: id },
      {
        $push: {
          'analysis.aspects': { $each: [{ name: 'a', label: 'mixed', score: 0 }], $slice: -5, $sort: { score: -1 } },
        },
      },
    ),
  '$addToSet of one and of several': ({ webhooks, scrape_jobs }: Collections) =>
    Promise.all([
      webhooks.updateOne({ _id: id }, { $addToSet: { events: 'job.failed' } }),
      scrape_jobs.updateOne({ _id: id }, { $addToSet: { target_ids: { $each: [id] } } }),
    ]),
  '$pull by value, by condition and by a filter': ({ webhooks, results }: Collections) =>
    Promise.all([
      webhooks.updateOne({ _id: id }, { $pull: { events: 'job.failed' } }),
      webhooks.updateOne({ _id: id }, { $pull: { events: { $in: ['job.failed'] } } }),
      results.updateOne({ _id: id }, { $pull: { 'analysis.aspects': { score: { $lt: 0 }, name: 'x' } } }),
    ]),
  '$pullAll and $pop': ({ scrape_jobs, webhooks }: Collections) =>
    Promise.all([
      scrape_jobs.updateOne({ _id: id }, { $pullAll: { target_ids: [id] } }),
      webhooks.updateOne({ _id: id }, { $pop: { events: -1 } }),
    ]),
  '$setOnInsert with an upsert': ({ users }: Collections) => {
    const { email, ...others } = sample('users');
    return users.updateOne({ email }, { $setOnInsert: { _id: new ObjectId(), ...others } }, { upsert: true });
  },
  'an update that is put together in steps': ({ users }: Collections) => {
    const update: DocumentUpdate<User> = { $set: { name: 'Ada' } };
    update.$unset = { updated_at: '' };
    return users.updateMany({ _id: id }, update);
  },
  'a pipeline': ({ users }: Collections) => users.updateOne({ _id: id }, [{ $set: { name: { $toUpper: '$name' } } }]),
  'a replacement': ({ users }: Collections) => users.replaceOne({ _id: id }, sample('users')),
  'an update that is found': ({ users }: Collections) =>
    users.findOneAndUpdate({ _id: id }, { $set: { is_active: true } }, { returnDocument: 'after' }),
  'a deletion': ({ users }: Collections) => users.deleteOne({ _id: id, 'oauth.google_id': { $exists: true } }),
  'several writes at once': ({ users }: Collections) =>
    users.bulkWrite([
      { insertOne: { document: sample('users') } },
      { updateOne: { filter: { _id: id }, update: { $set: { name: 'Ada' } }, upsert: false } },
      { updateMany: { filter: { role: 'admin' }, update: [{ $set: { is_active: true } }] } },
      { replaceOne: { filter: { _id: id }, replacement: sample('users') } },
      { deleteMany: { filter: { email: /^nobody/ } } },
    ]),
} as const;
