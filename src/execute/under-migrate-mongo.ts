import path from 'node:path';
import type { Db, MongoClient } from 'mongodb';
import { defaultUrl, readConfig } from '../database/environment';
import { newClient } from '../database/client';
import { historyError, isBroken, type MigrationStatus } from '../history';
import { isDataStep, type Direction, type Migration } from '../migration/types';
import { attempt } from './attempt';
import { findMigrations, loadMigrations, readFrozen, refuseOtherChanges, refuseUnknownTargets } from '../project';
import { withRun, type RunEvent } from './run';
import { printable } from '../support/printable';
import { SchemaError } from '../support/schema-error';
import { MongoUrl } from '../support/mongo-url';
import { processEnv } from '../support/process-env';

/**
 * What happens under a bare `migrate-mongo up` or `down`, which has read what is pending before it calls this, and writes
 * its row in the changelog after: so the run takes the lease here, reads everything again, and leaves the lease behind for
 * whoever sees the row come. Its connection is its own, to the same hosts.
 * @throws error with code `LOCKED`, or `HISTORY` when somebody else was faster or the history is broken.
 */
export async function runUnderMigrateMongo(db: Db, self: Migration, direction: Direction): Promise<void> {
  const { url = new MongoUrl(defaultUrl), allowDataLoss, ...config } = readConfig(processEnv());
  refuseOtherHosts(url, db.client);
  const folder = path.dirname(self.file);
  refuseOtherChanges(folder, [self]);
  // What the migrations before it made is asked of them all, so only where a data step needs it.
  if (self.steps.some(isDataStep)) {
    refuseUnknownTargets(
      loadMigrations(findMigrations(folder).filter((file) => file <= self.file)),
      readFrozen(folder),
    );
  }
  const options = { ...config, url, database: db.databaseName, folder, onEvent: tell };
  await withRun(
    `${direction} of ${self.name}`,
    options,
    async ({ statuses, recorder, session }) => {
      refuse(self, direction, statuses);
      await attempt(self, direction, { session: session(allowDataLoss.includes(self.name)), recorder });
    },
    { finish: (lease) => lease.leaveRecording({ migration: self.name, direction }) },
  );
}

function tell(event: RunEvent): void {
  if (event.type === 'waiting') process.stderr.write(`waiting for ${printable(event.holder)}\n`);
}

/**
 * The lease is held where MONGODB_URL points to; held on another server it would protect nothing.
 * @throws error with code `USAGE`
 */
function refuseOtherHosts(url: MongoUrl, handed: MongoClient): void {
  // A client that is not connected: it has read the connection string, and no more.
  const [ours, theirs] = [hostsOf(newClient(url)), hostsOf(handed)];
  if (ours === theirs) return;
  throw new SchemaError('USAGE', 'migrate-mongo works on another server than MONGODB_URL names', {
    why: `migrate-mongo works on ${theirs}, and MONGODB_URL names ${ours}, where the lease would be held`,
    fix: 'set MONGODB_URL to the same server',
  });
}

function hostsOf({ options }: MongoClient): string {
  return options.srvHost ?? options.hosts.map(String).sort().join(', ');
}

function refuse(self: Migration, direction: Direction, statuses: readonly MigrationStatus[]): void {
  const own = statuses.find(({ name }) => name === self.name);
  if (direction === 'up' && own?.isRecorded && own.state !== 'half rolled back') throw overtakenError(own, 'applied');
  if (direction === 'down' && !own?.isRecorded) throw overtakenError({ name: self.name }, 'rolled back');
  const inTheWay = statuses.filter(({ name, state, isRecorded }) =>
    direction === 'up' ? name < self.name && !isRecorded && state !== 'missing' : name > self.name && isRecorded,
  );
  const unfinished = direction === 'down' ? statuses.find((one) => one.unfinished) : undefined;
  if (unfinished) throw unfinishedError(self, unfinished);
  if (inTheWay.length > 0) throw outOfOrderError(self, direction, inTheWay);
  // Going down must stay possible for what is edited: on a laptop, that is how a migration is worked on.
  const broken = direction === 'up' ? historyError(statuses.filter(isBroken)) : undefined;
  if (broken) throw broken;
}

function overtakenError({ name, applied }: Pick<MigrationStatus, 'name' | 'applied'>, what: string): SchemaError {
  const who = applied ? ` by ${applied.user} on ${applied.host} (pid ${applied.pid}), ${applied.at.toISOString()}` : '';
  return new SchemaError('HISTORY', `${name} was ${what} meanwhile, so nothing was changed`, {
    ...(who !== '' && { why: `it was ${what}${who}` }),
    fix: 'look at `status`, and run again',
  });
}

/** migrate-mongo decides from the changelog, which does not record a migration that failed halfway. */
function unfinishedError(self: Migration, { name }: MigrationStatus): SchemaError {
  return new SchemaError('HISTORY', `${self.name} cannot go down, so nothing was changed`, {
    why: `${name} began to be applied and did not come to its end, so what it made has to be undone first`,
    fix: '`schema rollback --steps 1` undoes it; `schema deploy` applies the rest of it',
  });
}

function outOfOrderError(self: Migration, direction: Direction, inTheWay: readonly MigrationStatus[]): SchemaError {
  const names = inTheWay.map(({ name }) => name).join(', ');
  const [earlierOrLater, state] = direction === 'up' ? ['earlier', 'not applied'] : ['later', 'still applied'];
  return new SchemaError('HISTORY', `${self.name} cannot go ${direction}, so nothing was changed`, {
    why: `the ${earlierOrLater} ${names} is ${state}`,
    fix: 'run again',
  });
}
