import path from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { clientOptions, defaultUrl, readConfig, withoutOverridden } from '../config';
import { describeHolder, historyError, isBroken, openHistory, takeLease, type MigrationStatus } from '../history';
import { attempt } from './attempt';
import { inspectServer, type Session } from './executor';
import { findMigrations, textsOf } from './files';
import type { Direction, Migration } from './types';

const lockTimeout = 60_000;

/**
 * What happens under a bare `migrate-mongo up` or `down`, which has read what is pending before it calls this, and writes
 * its row in the changelog after: so the lease is taken here, everything is read again, and the lease is left behind for
 * whoever sees the row come.
 * @throws Error with code `LOCKED`, or `HISTORY` when somebody else was faster or the history is broken.
 */
export async function runAlone(db: Db, self: Migration, direction: Direction): Promise<void> {
  const { url = defaultUrl, allowDataLoss, allowSharded, leaseSeconds } = readConfig();
  const server = await inspectServer(db, { allowSharded });
  const client = new MongoClient(withoutOverridden(url).url, clientOptions);
  refuseOtherHosts(client, db);
  const own = client.db(db.databaseName);
  try {
    const lease = await takeLease(own, {
      purpose: `${direction} of ${self.name}`,
      seconds: leaseSeconds,
      timeout: lockTimeout,
      onWait: (holder) => process.stderr.write(`waiting for ${describeHolder(holder)}\n`),
    });
    try {
      const texts = textsOf(findMigrations(path.dirname(self.file)));
      const { recorder, statuses } = await openHistory(own, lease, server.version, texts);
      refuse(self, direction, statuses);
      const session: Session = {
        db,
        isReplicaSet: server.isReplicaSet,
        guard: () => lease.check(),
        ddlWait: 5_000,
        allowDataLoss: allowDataLoss.includes(self.name),
      };
      await attempt(self, direction, { session, recorder });
    } catch (error) {
      // The attempt's own error is the one to tell; a server that is gone frees the lease when it runs out.
      await lease.release().catch(() => undefined);
      throw error;
    }
    await lease.leaveRecording({ migration: self.name, direction });
  } finally {
    await client.close();
  }
}

/** The lease is held where MONGODB_URL points to; held on another server it would protect nothing. */
function refuseOtherHosts(own: MongoClient, db: Db): void {
  const [ours, theirs] = [hostsOf(own), hostsOf(db.client)];
  if (ours === theirs) return;
  const message =
    `The database that this migration was handed is on ${theirs}, and MONGODB_URL names ${ours}, where its lease would ` +
    'be held. Set MONGODB_URL to the same server.';
  throw Object.assign(new Error(message), { code: 'USAGE' });
}

function hostsOf({ options }: MongoClient): string {
  return options.srvHost ?? options.hosts.map(String).sort().join(', ');
}

function refuse(self: Migration, direction: Direction, statuses: readonly MigrationStatus[]): void {
  const own = statuses.find(({ name }) => name === self.name);
  if (direction === 'up' && own?.appliedAt && own.state !== 'half rolled back') throw overtakenError(own, 'applied');
  if (direction === 'down' && !own?.appliedAt) throw overtakenError({ name: self.name }, 'rolled back');
  const inTheWay = statuses.filter(({ name, appliedAt }) =>
    direction === 'up' ? name < self.name && !appliedAt : name > self.name && appliedAt,
  );
  if (inTheWay.length > 0) throw outOfOrderError(self, direction, inTheWay);
  // Going down must stay possible for what is edited: on a laptop, that is how a migration is worked on.
  const broken = direction === 'up' ? historyError(statuses.filter(isBroken)) : undefined;
  if (broken) throw broken;
}

function overtakenError({ name, applied }: Pick<MigrationStatus, 'name' | 'applied'>, what: string): Error {
  const who = applied ? ` by ${applied.user} on ${applied.host} (pid ${applied.pid}), ${applied.at.toISOString()}` : '';
  const message = `${name} was ${what} meanwhile${who}. Nothing was changed; look at \`status\`, and run again.`;
  return Object.assign(new Error(message), { code: 'HISTORY' });
}

function outOfOrderError(self: Migration, direction: Direction, inTheWay: readonly MigrationStatus[]): Error {
  const names = inTheWay.map(({ name }) => name).join(', ');
  const [earlierOrLater, state] = direction === 'up' ? ['earlier', 'not applied'] : ['later', 'still applied'];
  const message = `${self.name} cannot go ${direction}: the ${earlierOrLater} ${names} is ${state}. Nothing was changed; run again.`;
  return Object.assign(new Error(message), { code: 'HISTORY' });
}
