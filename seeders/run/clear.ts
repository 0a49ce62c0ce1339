import type { Db } from 'mongodb';
import { withReads, type Target } from '../../src/database';
import type { CollectionName } from '../../models';
import { SchemaError } from '../../src/support/schema-error';
import { idsOf, idsOfAllSeeds, sharedSeed } from '../ids';
import { seeders } from '../seeders';
import { defaults, refuseNonsense } from '../world';
import { refuseProduction } from './refusals';

export interface ClearOptions extends Target {
  readonly seed?: number | undefined;
  /** Environment variables, which may show that this is production. The default is the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

export interface ClearReport {
  readonly seed: number;
  readonly removed: number;
  readonly collections: Readonly<Partial<Record<CollectionName, number>>>;
  /** Whether the shared accounts were kept, because documents of another seed belong to them. */
  readonly keptAccounts: boolean;
}

const batch = 5_000;

/**
 * Removes all documents of a seed and nothing else, however many users, projects and results the runs with this seed had. The ids of a seed
 * form one range that contains no other document. Documents that refer to others are removed first, so that an interruption leaves no
 * broken reference.
 * @throws error with code `USAGE` for a target that looks like production; ABORTED when the run was stopped
 */
export async function clear(options: ClearOptions): Promise<ClearReport> {
  const { url, seed = defaults.seed } = options;
  refuseNonsense(defaults, seed);
  refuseProduction(url, options, options.env);
  return withReads(options, async ({ db }) => {
    const last = seeders.toReversed();
    const counts = await Promise.all(
      last.map(({ collection }) => db.collection(collection).countDocuments({ _id: idsOf(seed) })),
    );
    const total = counts.reduce((sum, count) => sum + count, 0);
    const removed: [CollectionName, number][] = [];
    let done = 0;
    for (const { collection } of last) {
      const count = await removeRange(db, collection, seed, options, (more) => {
        done += more;
        options.onProgress?.({ done, total });
      });
      removed.push([collection, count]);
    }
    const keptAccounts = await anyIs(db, idsOfAllSeeds);
    const accounts = keptAccounts
      ? 0
      : (await db.collection('users').deleteMany({ _id: idsOf(sharedSeed) })).deletedCount;
    const collections = removed.map(([name, count]) => [name, name === 'users' ? count + accounts : count] as const);
    return { seed, removed: done + accounts, collections: Object.fromEntries(collections.toReversed()), keptAccounts };
  });
}

/** Removes a few thousand documents at a time, so that the run can be stopped between two commands, and no command runs for minutes. */
async function removeRange(
  db: Db,
  name: CollectionName,
  seed: number,
  { signal }: ClearOptions,
  onBatch: (removed: number) => void,
): Promise<number> {
  const collection = db.collection(name);
  let count = 0;
  for (;;) {
    if (signal?.aborted) {
      throw new SchemaError('ABORTED', 'Stopped before everything was removed', {
        fix: 'run the command again to remove the rest',
      });
    }
    const ids = await collection
      .find({ _id: idsOf(seed) }, { projection: { _id: 1 }, limit: batch })
      .map(({ _id }) => _id)
      .toArray();
    if (ids.length === 0) return count;
    const { deletedCount } = await collection.deleteMany({ _id: { $in: ids } });
    count += deletedCount;
    onBatch(deletedCount);
  }
}

async function anyIs(db: Db, ids: typeof idsOfAllSeeds): Promise<boolean> {
  for (const { collection } of seeders) {
    if ((await db.collection(collection).findOne({ _id: ids }, { projection: { _id: 1 } })) !== null) return true;
  }
  return false;
}
