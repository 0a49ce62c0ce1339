import type { Db, MongoBulkWriteError } from 'mongodb';
import type { CollectionName } from '../../models';
import { SchemaError } from '../../src/support/schema-error';
import { emailOf, sharedAccounts, userFacts } from '../facts/user';
import { idOf, idsOf, sharedSeed } from '../ids';
import { scrapeJobs } from '../scrape-jobs';
import { countOf, makeMany } from '../seeder';
import type { World } from '../world';

const duplicateKey = 11000;
const atOnce = 1_000;

/**
 * Refuses to continue when an account has an address that the seeder uses, but was not created by the seeder.
 * @throws error with code `CONFLICT` that names these accounts
 */
export async function refuseTakenAddresses(db: Db, { seed, size }: World): Promise<void> {
  const users = db.collection('users');
  for (let from = 0; from < size.users; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, size.users - from) }, (_, at) => from + at);
    const ours = numbers.map((user) => idOf(user < sharedAccounts ? sharedSeed : seed, { user, project: 0, item: 0 }));
    const emails = numbers.map((user) => emailOf(seed, user));
    const taken = await users
      .find({ email: { $in: emails }, _id: { $nin: ours } }, { projection: { email: 1 } })
      .map(({ email }) => String(email))
      .toArray();
    if (taken.length > 0) throw conflict('users', `email ${taken.join(', ')}`, { isUnchanged: true });
  }
}

/**
 * Refuses the same seed with another number of results: some existing documents contain the number of results, which would become wrong.
 * More users or more projects are allowed, because they only add documents.
 * @throws error with code `CONFLICT` when the seed was used with another number of results
 */
export async function refuseOtherNumbers(db: Db, world: World): Promise<void> {
  const first = { ...world, size: { ...world.size, users: 1, projects: Math.min(1, world.size.projects) } };
  if (first.size.projects === 0) return;
  const wanted = makeMany(scrapeJobs, first, 0, countOf(scrapeJobs, first.size));
  const [project, jobs] = await Promise.all([
    db.collection('projects').findOne({ _id: idOf(world.seed, { user: 0, project: 0, item: 0 }) }),
    db
      .collection<(typeof wanted)[number]>('scrape_jobs')
      .find({
        _id: {
          ...idsOf(world.seed),
          $lt: idOf(world.seed, { user: 0, project: 1, item: 0 }),
        },
      })
      .toArray(),
  ]);
  const stats = project?.['stats'] as { jobs?: unknown; results?: unknown } | undefined;
  const wasEmpty = stats?.jobs === 0 && wanted.length > 0;
  // If there are no jobs, an earlier run was stopped before it created them. Then the statistics of the project show its number of results.
  const wasOther = jobs.length === 0 && stats !== undefined && stats.results !== world.size.results;
  const differs = jobs.some(
    (job) => wanted.find(({ _id }) => _id.equals(job._id))?.results_count !== job.results_count,
  );
  if (!wasEmpty && !wasOther && !differs) return;
  throw new SchemaError('CONFLICT', `Nothing was changed: the database already has data of seed ${world.seed}`, {
    why: `the existing data has another number of results per project than ${world.size.results}`,
    fix: 'first remove that data with `--clear`, or add more data with another `--seed`',
  });
}

/**
 * Refuses a date that is earlier than the date of the first run. The shared accounts keep the creation date of the first run, and documents
 * must not be older than the account to which they belong.
 * @throws error with code `CONFLICT`
 */
export async function refuseEarlierDay(db: Db, world: World): Promise<void> {
  const { id, createdAt } = userFacts(world, 0);
  const account = await db.collection('users').findOne({ _id: id }, { projection: { created_at: 1 } });
  const there = account?.['created_at'] as Date | undefined;
  if (!there || there <= createdAt) return;
  const day = new Date(world.now.getTime() + there.getTime() - createdAt.getTime()).toISOString().slice(0, 10);
  throw new SchemaError('CONFLICT', 'Nothing was changed: the database already has test data of a later day', {
    why: `the last day of that data is ${day}, and the data belongs to the same accounts`,
    fix: `give \`--now ${day}\` or a later day, or first remove that data with \`--clear\``,
  });
}

/**
 * Ignores the error when documents with the same _id already exist: another run created them in the meantime.
 * @throws error with code `CONFLICT` for any other duplicate; any other error unchanged
 */
export function refuseConflict(collection: CollectionName, error: MongoBulkWriteError): void {
  if (error.result.getWriteConcernError()) throw error;
  for (const { code, errmsg } of [error.writeErrors].flat()) {
    if (code !== duplicateKey) throw error;
    const [, index, key] = /index: (\S+) dup key: (.*)$/.exec(errmsg ?? '') ?? [];
    if (index !== '_id_') throw conflict(collection, `${index ?? 'a unique index'}: ${key ?? ''}`, { cause: error });
  }
}

function conflict(
  collection: CollectionName,
  what: string,
  { isUnchanged = false, cause }: { isUnchanged?: boolean; cause?: Error },
): SchemaError {
  return new SchemaError('CONFLICT', `${isUnchanged ? 'Nothing was changed: cannot' : 'Cannot'} seed ${collection}`, {
    why: `${collection} has a document that the seeder did not make, and that conflicts with a document of the seeder (${what})`,
    fix: 'remove or rename that document, or seed another database with `--database NAME`',
    cause,
  });
}
