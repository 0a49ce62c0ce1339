import { ObjectId } from 'mongodb';
import type { Collections, TypedCollection } from '../../../src';
import { sample } from '../../support/samples';

const id = new ObjectId();
const of = { _id: id };

/** Never called: that each is a mistake, the compiler says, as `npm run check` runs it. */
export function mistakesInFilters({ users, projects, results, webhooks, scrape_jobs, targets }: Collections) {
  return [
    // @ts-expect-error: a misspelt field
    users.findOne({ emial: 'a@b.c' }),
    // @ts-expect-error: a misspelt path
    users.findOne({ 'oauth.goggle_id': '7' }),
    // @ts-expect-error: a path below what has no fields
    users.findOne({ 'email.domain': 'b.c' }),
    // @ts-expect-error: a misspelt field of a deep path
    projects.findOne({ 'config.llm.temprature': 1 }),
    // @ts-expect-error: a misspelt field of an item
    results.findOne({ 'analysis.aspects.nmae': 'sound' }),
    // @ts-expect-error: a misspelt field of the item at a place
    results.findOne({ 'analysis.aspects.0.nmae': 'sound' }),
    // @ts-expect-error: a text for an id
    users.findOne({ _id: '5f0000000000000000000001' }),
    // @ts-expect-error: a text for a date
    users.findOne({ created_at: { $gt: '2026-11-23' } }),
    // @ts-expect-error: a number for a date
    users.findOne({ created_at: { $gt: 1_700_000_000 } }),
    // @ts-expect-error: a number for a text
    users.findOne({ email: 7 }),
    // @ts-expect-error: a text for true
    users.findOne({ is_active: 'yes' }),
    // @ts-expect-error: a choice that there is not
    projects.findOne({ status: 'actve' }),
    // @ts-expect-error: among several one that there is not
    projects.findOne({ status: { $in: ['active', 'actve'] } }),
    // @ts-expect-error: $in without a list
    projects.findOne({ status: { $in: 'active' } }),
    // @ts-expect-error: a misspelt operator
    users.findOne({ created_at: { $gtt: new Date() } }),
    // @ts-expect-error: an operator without its dollar
    users.findOne({ created_at: { gt: new Date() } }),
    // @ts-expect-error: a misspelt operator at the top
    users.findOne({ $orr: [{ email: 'a@b.c' }] }),
    // @ts-expect-error: a misspelt field within $or
    users.findOne({ $or: [{ email: 'a@b.c' }, { emial: 'a@b.c' }] }),
    // @ts-expect-error: a misspelt field within $and within $nor
    users.findOne({ $nor: [{ $and: [{ emial: 'a@b.c' }] }] }),
    // @ts-expect-error: an expression for a number
    targets.findOne({ results_count: /1/ }),
    // @ts-expect-error: $regex on a date
    users.findOne({ created_at: { $regex: '2026' } }),
    // @ts-expect-error: $size of what is no list
    users.findOne({ email: { $size: 1 } }),
    // @ts-expect-error: $size that is no number
    webhooks.findOne({ events: { $size: '1' } }),
    // @ts-expect-error: an item that the list never holds
    webhooks.findOne({ events: 'job.started' }),
    // @ts-expect-error: an id as a text, in a list of ids
    scrape_jobs.findOne({ target_ids: { $in: ['5f0000000000000000000001'] } }),
    // @ts-expect-error: a misspelt field within $elemMatch
    results.findOne({ 'analysis.aspects': { $elemMatch: { nmae: 'sound' } } }),
    // @ts-expect-error: a value of another type within $elemMatch
    results.findOne({ 'analysis.aspects': { $elemMatch: { score: 'high' } } }),
    // @ts-expect-error: $mod of a text
    users.findOne({ email: { $mod: [2, 0] } }),
    // @ts-expect-error: $exists of what is neither true nor false
    users.findOne({ name: { $exists: 1 } }),
    // @ts-expect-error: a misspelt field of a whole object
    users.findOne({ oauth: { goggle_id: '7' } }),
    // @ts-expect-error: a misspelt field of what is counted
    users.countDocuments({ emial: 'a@b.c' }),
    // @ts-expect-error: a misspelt field of what is deleted
    users.deleteMany({ emial: 'a@b.c' }),
    // @ts-expect-error: a misspelt field of what is found
    users.find({ emial: 'a@b.c' }),
  ];
}

export function mistakesInWrites({ users, projects, results, webhooks, targets }: Collections) {
  const user = sample('users');
  return [
    // @ts-expect-error: a misspelt field
    users.updateOne(of, { $set: { nmae: 'Ada' } }),
    // @ts-expect-error: a misspelt path
    users.updateOne(of, { $set: { 'oauth.goggle_id': '7' } }),
    // @ts-expect-error: a value of another type
    users.updateOne(of, { $set: { name: 7 } }),
    // @ts-expect-error: a choice that there is not
    users.updateOne(of, { $set: { role: 'root' } }),
    // @ts-expect-error: null where it is absent or there
    users.updateOne(of, { $set: { name: null } }),
    // @ts-expect-error: undefined, which the driver stores as null
    users.updateOne(of, { $set: { name: undefined } }),
    // @ts-expect-error: a text for a date
    users.updateOne(of, { $set: { updated_at: '2026-11-23' } }),
    // @ts-expect-error: an object that lacks what is required
    projects.updateOne(of, { $set: { 'config.pace': { concurrency: 2 } } }),
    // @ts-expect-error: another _id
    users.updateOne(of, { $set: { _id: new ObjectId() } }),
    // @ts-expect-error: a field of a list, without a place
    results.updateOne(of, { $set: { 'analysis.aspects.score': 1 } }),
    // @ts-expect-error: a misspelt field of all items
    results.updateOne(of, { $set: { 'analysis.aspects.$[].scroe': 1 } }),
    // @ts-expect-error: a misspelt field of some items
    results.updateOne(of, { $set: { 'analysis.aspects.$[bad].scroe': 1 } }),
    // @ts-expect-error: a value of another type, of the item that was found
    results.updateOne(of, { $set: { 'analysis.aspects.$.score': 'high' } }),
    // @ts-expect-error: $inc of a text
    users.updateOne(of, { $inc: { name: 1 } }),
    // @ts-expect-error: $inc by a text
    targets.updateOne(of, { $inc: { results_count: '1' } }),
    // @ts-expect-error: $inc of a misspelt field
    targets.updateOne(of, { $inc: { result_count: 1 } }),
    // @ts-expect-error: $push of an item that the list never holds
    webhooks.updateOne(of, { $push: { events: 'job.started' } }),
    // @ts-expect-error: among several one that the list never holds
    webhooks.updateOne(of, { $push: { events: { $each: ['job.failed', 'job.started'] } } }),
    // @ts-expect-error: $push to what is no list
    users.updateOne(of, { $push: { name: 'Ada' } }),
    // @ts-expect-error: $addToSet of an item that the list never holds
    webhooks.updateOne(of, { $addToSet: { events: 7 } }),
    // @ts-expect-error: $pull by a misspelt field
    results.updateOne(of, { $pull: { 'analysis.aspects': { nmae: 'x' } } }),
    // @ts-expect-error: $pull of an item that the list never holds
    webhooks.updateOne(of, { $pull: { events: 'job.started' } }),
    // @ts-expect-error: $pop of two
    webhooks.updateOne(of, { $pop: { events: 2 } }),
    // @ts-expect-error: $unset of what is required
    users.updateOne(of, { $unset: { email: '' } }),
    // @ts-expect-error: $unset of a misspelt field
    users.updateOne(of, { $unset: { nmae: '' } }),
    // @ts-expect-error: $rename of a misspelt field
    users.updateOne(of, { $rename: { nmae: 'name' } }),
    // @ts-expect-error: $currentDate of a text
    users.updateOne(of, { $currentDate: { name: true } }),
    // @ts-expect-error: a misspelt operator
    users.updateOne(of, { $sett: { name: 'Ada' } }),
    // @ts-expect-error: a field beside the operators
    users.updateOne(of, { name: 'Ada' }),
    // @ts-expect-error: a misspelt field of the filter
    users.updateMany({ emial: 'a@b.c' }, { $set: { name: 'Ada' } }),
    // @ts-expect-error: a misspelt field, in what is found
    users.findOneAndUpdate(of, { $set: { nmae: 'Ada' } }),
    // @ts-expect-error: a misspelt field of what is inserted
    users.insertOne({ ...user, nmae: 'Ada' }),
    // @ts-expect-error: an insert that lacks what is required
    users.insertOne({ email: 'a@b.c', created_at: new Date() }),
    // @ts-expect-error: an _id of another type
    users.insertOne({ ...user, _id: 'ada' }),
    // @ts-expect-error: a misspelt field of a replacement
    users.replaceOne(of, { ...user, nmae: 'Ada' }),
    // @ts-expect-error: a misspelt field of a write among several
    users.bulkWrite([{ updateOne: { filter: of, update: { $set: { nmae: 'Ada' } } } }]),
  ];
}

/** A document that is found is what it is, and not what the program would like. */
export async function mistakesInWhatIsFound({ users }: Collections) {
  const user = await users.findOne({});
  // @ts-expect-error: a misspelt field
  const name: unknown = user?.nmae;
  // @ts-expect-error: another type
  const other: { emial: string } | null = await users.findOne({});
  // @ts-expect-error: other types
  const others: { emial: string }[] = await users.find({}).toArray();
  return [name, other, others];
}

/** Where the driver makes no _id, since it has to be a text. */
export async function idsThatAreTexts(settings: TypedCollection<{ _id: string; value?: number }>) {
  await settings.insertOne({ _id: 'theme', value: 1 });
  await settings.updateOne({ _id: 'theme' }, { $set: { value: 2 } });
  // @ts-expect-error: the driver would make an ObjectId
  await settings.insertOne({ value: 1 });
  // @ts-expect-error: of another type
  await settings.findOne({ _id: new ObjectId() });
}
