import { pendingMigrations } from '../../src/deploy';
import { withReads, type Target } from '../../src/database';
import type { CollectionName } from '../../models';
import { SchemaError } from '../../src/support/schema-error';
import { emailOf } from '../facts/user';
import { countOf } from '../seeder';
import { seeders } from '../seeders';
import { defaults, refuseNonsense, startOfDay, type Size, type World } from '../world';
import { refuseEarlierDay, refuseOtherNumbers, refuseTakenAddresses } from './conflicts';
import type { Filled } from './fill';
import { hashPassword, password } from './password';
import { refusePending, refuseProduction } from './refusals';
import { fillInWorker } from './run-worker';
import { MongoUrl } from '../../src/support/mongo-url';

export interface SeedOptions extends Target, Partial<Size> {
  readonly seed?: number | undefined;
  /** The last day of the data. The default is today, in UTC. */
  readonly now?: Date | undefined;
  /** Environment variables, which may show that this is production. The default is the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Whether to continue even if the target looks like production. */
  readonly force?: boolean | undefined;
  readonly batch?: number | undefined;
  readonly inFlight?: number | undefined;
  /** Stops the run after the current batches. Another run can insert the remaining documents. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

export interface SeedReport extends Size {
  readonly seed: number;
  readonly now: Date;
  readonly added: number;
  readonly present: number;
  readonly collections: Readonly<Partial<Record<CollectionName, Filled>>>;
  readonly logins: readonly { readonly email: string; readonly password: string; readonly role: 'admin' | 'user' }[];
  readonly milliseconds: number;
}

/**
 * Fills a database with test data: the same data for the same seed, numbers and day. Existing documents are kept.
 * @throws error with code `USAGE` for invalid numbers, and for a target that looks like production; PENDING when migrations are pending;
 *   CONFLICT when other documents conflict: the documents inserted so far are kept, and another run can continue; ABORTED when the run was
 *   stopped
 */
export async function seed(options: SeedOptions): Promise<SeedReport> {
  const started = performance.now();
  const { users = defaults.users, projects = defaults.projects, results = defaults.results } = options;
  const { url, database, seed: chosen = defaults.seed, signal, batch, inFlight } = options;
  const size = { users, projects, results };
  refuseNonsense(size, chosen);
  refuseProduction(url, options, options.env);
  refusePending(await pendingMigrations(options));
  const now = startOfDay(options.now ?? new Date());
  const world: World = { seed: chosen, size, now, passwordHash: await hashPassword() };
  await withReads(options, async ({ db }) => {
    await refuseTakenAddresses(db, world);
    await refuseOtherNumbers(db, world);
    await refuseEarlierDay(db, world);
  });
  const total = seeders.reduce((sum, seeder) => sum + countOf(seeder, size), 0);
  const filled = await fillInWorker(
    { url: MongoUrl.of(url).reveal(), database, world, batch, inFlight },
    { signal, onProgress: (done) => options.onProgress?.({ done, total }) },
  );
  const added = [...filled.values()].reduce((sum, one) => sum + one.added, 0);
  const present = [...filled.values()].reduce((sum, one) => sum + one.present, 0);
  if (added + present < total) {
    const summary = `Stopped after ${added + present} of ${total} documents`;
    throw new SchemaError('ABORTED', summary, { fix: 'run the command again to make the rest' });
  }
  return {
    seed: chosen,
    now,
    ...size,
    added,
    present,
    collections: Object.fromEntries(filled),
    logins: Array.from({ length: Math.min(users, 2) }, (_, user) => ({
      email: emailOf(chosen, user),
      password,
      role: user === 0 ? ('admin' as const) : ('user' as const),
    })),
    milliseconds: Math.round(performance.now() - started),
  };
}
