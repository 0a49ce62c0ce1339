import { BSON } from 'mongodb';
import type { CollectionName } from '../../models';
import { auditLogs } from '../../seeders/audit-logs';
import { days, projectFacts, userFacts } from '../../seeders/facts';
import { Random } from '../../seeders/random';
import { results } from '../../seeders/results';
import { makeMany, type Seeder } from '../../seeders/seeder';
import { webhookDeliveries } from '../../seeders/webhook-deliveries';
import type { World } from '../../seeders/world';

/** A collection, and how the seeder makes it grow. */
export interface Growth {
  readonly collection: CollectionName;
  /** The field with the id of the document's owner. Owners are created over time, and their ids grow with time. */
  readonly owner: string;
  /** The lifetime of a document, as a share of the simulated time. If absent, documents never expire. */
  readonly lifetime?: number;
  readonly seeder: Seeder;
  /** Returns when each owner was created, from 0 to 1, in the order of their ids. */
  readonly births: (world: World) => readonly number[];
}

/** 2 MiB of documents of one owner, inserted at the same time. */
export interface Unit {
  /** The position in the order of insertion. `_id` and `created_at` grow with this position. */
  readonly number: number;
  /** The number of the owner in the order of creation; -1 for a null owner, because null sorts before all ids. */
  readonly owner: number;
  /** The time of insertion, from 0 to 1. */
  readonly at: number;
  readonly hash: number;
  readonly ownerHash: number;
}

/** `even`: all owners have equally many documents, as in the seeder. `zipf`: the owner of rank n has 1/n of the documents of the first owner. */
export type Distribution = 'even' | 'zipf';

const owners = 2048;
const units = 16_384;
export const unitMiB = 2;
export const insertedMiB = units * unitMiB;

const world: World = {
  seed: 1,
  size: { users: owners, projects: 1, results: 100 },
  now: new Date('2026-01-01T00:00:00Z'),
  passwordHash: '',
};

export const growths: readonly Growth[] = [
  { collection: 'results', owner: 'project_id', seeder: results, births: birthsOfProjects },
  // The simulated time is 35 days. The server deletes deliveries after seven days.
  {
    collection: 'webhook_deliveries',
    owner: 'webhook_id',
    seeder: webhookDeliveries,
    lifetime: 7 / 35,
    births: birthsOfProjects,
  },
  { collection: 'audit_logs', owner: 'user_id', seeder: auditLogs, births: birthsOfUsers },
];

/** Projects are created over at most 250 days. */
function birthsOfProjects(of: World): number[] {
  return birthsSince(days(250), of, (user) => projectFacts(of, user, 0).createdAt);
}

/** The simulated time for users is 340 days. */
function birthsOfUsers(of: World): number[] {
  return birthsSince(days(340), of, (user) => userFacts(of, user).createdAt);
}

function birthsSince(span: number, { now }: World, createdAt: (owner: number) => Date): number[] {
  const births = Array.from({ length: owners }, (_, owner) => 1 - (now.getTime() - createdAt(owner).getTime()) / span);
  return births.sort((one, other) => one - other);
}

/** Returns the units in the order of insertion. The documents of an owner are spread evenly from the owner's creation to the end. */
export function arrivals(growth: Growth, distribution: Distribution): Unit[] {
  const random = new Random(world.seed, `arrivals of ${growth.collection}`, { user: 0, project: 0, item: 0 });
  const counts =
    distribution === 'even'
      ? owned(() => 1)
      : shuffled(
          owned((rank) => 1 / (rank + 1)),
          random,
        );
  const nobody = shareOfNobody(growth);
  const arriving = growth.births(world).flatMap((birth, owner) => {
    const count = counts[owner] ?? 0;
    const ownerHash = random.next();
    return Array.from({ length: count }, (_, item) => {
      const at = birth + ((item + random.share()) / count) * (1 - birth);
      // A null owner always has the same hash.
      return random.chance(nobody) ? { owner: -1, ownerHash: 0, at } : { owner, ownerHash, at };
    });
  });
  return arriving
    .sort((one, other) => one.at - other.at)
    .map((unit, number) => ({ ...unit, number, hash: random.next() }));
}

/** Returns the number of units of each rank, by a weight. Rounding leaves some units, which go to the ranks with the largest remainders. */
function owned(weight: (rank: number) => number): number[] {
  const weights = Array.from({ length: owners }, (_, rank) => weight(rank));
  const total = weights.reduce((sum, one) => sum + one, 0);
  const exact = weights.map((one) => (one / total) * units);
  const left = units - exact.reduce((sum, one) => sum + Math.floor(one), 0);
  const byRemainder = exact.map((one, rank) => ({ rank, remainder: one % 1 }));
  byRemainder.sort((one, other) => other.remainder - one.remainder || one.rank - other.rank);
  const raised = new Set(byRemainder.slice(0, left).map(({ rank }) => rank));
  return exact.map((one, rank) => Math.floor(one) + (raised.has(rank) ? 1 : 0));
}

/** Returns the values in random order, so that large owners are created at any time. */
function shuffled(values: readonly number[], random: Random): number[] {
  const keyed = values.map((value) => ({ value, key: random.next() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
}

const samples = new Map<string, readonly object[]>();

/** Returns a sample of the documents that the seeder generates. */
function sample({ collection, seeder }: Growth): readonly object[] {
  const known = samples.get(collection) ?? makeMany(seeder, world, 0, 1200);
  samples.set(collection, known);
  return known;
}

function shareOfNobody(growth: Growth): number {
  const ofNobody = sample(growth).filter((document) => (document as Record<string, unknown>)[growth.owner] === null);
  return ofNobody.length / sample(growth).length;
}

/** Returns the mean size of a document, in bytes. */
export function averageSize(growth: Growth): number {
  const documents = sample(growth);
  return documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0) / documents.length;
}
