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
 * Runs a migration when a person calls `migrate-mongo up` or `down` directly. migrate-mongo has already read which migrations are pending,
 * and it changes the changelog after the migration. So the run takes the lease here, reads everything again, and leaves the lease held
 * until the changelog is changed. The run opens its own connection, to the same hosts.
 * @throws error with code `LOCKED`, or `HISTORY` when another run was faster or the history is broken.
 */
export async function runUnderMigrateMongo(db: Db, self: Migration, direction: Direction): Promise<void> {
  const { url = new MongoUrl(defaultUrl), allowDataLoss, ...config } = readConfig(processEnv());
  refuseOtherHosts(url, db.client);
  const folder = path.dirname(self.file);
  const frozen = readFrozen(folder);
  refuseOtherChanges(frozen, [self]);
  // The schema before this migration comes from all earlier migrations, so they are loaded only when a data step needs that schema.
  if (self.steps.some(isDataStep)) {
    refuseUnknownTargets(loadMigrations(findMigrations(folder).filter((file) => file <= self.file)), frozen);
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
 * Refuses to run when migrate-mongo uses another server than MONGODB_URL names. The lease is held on the server that MONGODB_URL names, and
 * would protect nothing on another server.
 * @throws error with code `USAGE`
 */
function refuseOtherHosts(url: MongoUrl, handed: MongoClient): void {
  // This client never connects: it only parses the connection string.
  const [ours, theirs] = [hostsOf(newClient(url)), hostsOf(handed)];
  if (ours === theirs) return;
  throw new SchemaError('USAGE', 'migrate-mongo does not work on the server that MONGODB_URL names', {
    why: `migrate-mongo works on ${theirs}, but MONGODB_URL names ${ours}, where the lease would be held`,
    fix: 'set MONGODB_URL to the server that migrate-mongo uses',
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
  // Rolling back an edited migration must stay possible, because that is how a migration is developed.
  const broken = direction === 'up' ? historyError(statuses.filter(isBroken)) : undefined;
  if (broken) throw broken;
}

function overtakenError({ name, applied }: Pick<MigrationStatus, 'name' | 'applied'>, what: string): SchemaError {
  const who = applied ? ` by ${applied.user} on ${applied.host} (pid ${applied.pid}), ${applied.at.toISOString()}` : '';
  return new SchemaError('HISTORY', `${name} was ${what} in the meantime, so nothing was changed`, {
    ...(who !== '' && { why: `it was ${what}${who}` }),
    fix: 'check `status`, and run again',
  });
}

/** Refuses to roll back past a migration that failed halfway. The changelog, which migrate-mongo uses, does not record such a migration. */
function unfinishedError(self: Migration, { name }: MigrationStatus): SchemaError {
  return new SchemaError('HISTORY', `${self.name} cannot be rolled back, so nothing was changed`, {
    why: `an attempt to apply ${name} did not finish, so its changes must be undone first`,
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
