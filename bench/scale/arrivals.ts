import { BSON } from 'mongodb';
import type { CollectionName } from '../../models';
import { auditLogs } from '../../seeders/audit-logs';
import { days, projectFacts, userFacts } from '../../seeders/facts';
import { Random } from '../../seeders/random';
import { results } from '../../seeders/results';
import { makeMany, type Seeder } from '../../seeders/seeder';
import { webhookDeliveries } from '../../seeders/webhook-deliveries';
import type { World } from '../../seeders/world';

/** A collection that grows as the seeder fills it. */
export interface Growth {
  readonly collection: CollectionName;
  /** The field by which its documents belong to somebody: the owners are created over time, and their ids grow with it. */
  readonly owner: string;
  /** How long a document stays, as a share of the time that is simulated; it stays for ever when absent. */
  readonly lifetime?: number;
  readonly seeder: Seeder;
  /** When each owner came, from 0 to 1, in the order of their ids. */
  readonly births: (world: World) => readonly number[];
}

/** Documents of one owner that arrive at one time. */
export interface Unit {
  /** In the order of arrival: what `_id` and `created_at` grow with. */
  readonly number: number;
  /** In the order of creation; -1 for nobody, whose null comes before all ids. */
  readonly owner: number;
  /** From 0 to 1. */
  readonly at: number;
  readonly hash: number;
  readonly ownerHash: number;
}

/** `even`: every owner has as many documents, as in the seeder. `zipf`: the owner of rank n has 1/n of what the first one has. */
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
  // In 35 days: the server removes deliveries after seven.
  {
    collection: 'webhook_deliveries',
    owner: 'webhook_id',
    seeder: webhookDeliveries,
    lifetime: 7 / 35,
    births: birthsOfProjects,
  },
  { collection: 'audit_logs', owner: 'user_id', seeder: auditLogs, births: birthsOfUsers },
];

/** In 250 days, at the longest. */
function birthsOfProjects(of: World): number[] {
  return birthsSince(days(250), of, (user) => projectFacts(of, user, 0).createdAt);
}

/** In 340 days. */
function birthsOfUsers(of: World): number[] {
  return birthsSince(days(340), of, (user) => userFacts(of, user).createdAt);
}

function birthsSince(span: number, { now }: World, createdAt: (owner: number) => Date): number[] {
  const births = Array.from({ length: owners }, (_, owner) => 1 - (now.getTime() - createdAt(owner).getTime()) / span);
  return births.sort((one, other) => one - other);
}

/** What arrives, in the order of arrival. An owner's documents are spread evenly from its creation to the end. */
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
      // Nobody has one id, null, and so one hash.
      return random.chance(nobody) ? { owner: -1, ownerHash: 0, at } : { owner, ownerHash, at };
    });
  });
  return arriving
    .sort((one, other) => one.at - other.at)
    .map((unit, number) => ({ ...unit, number, hash: random.next() }));
}

/** How many units each rank has, by a weight: those of largest remainder get what is left over. */
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

/** So that big owners come at any time. */
function shuffled(values: readonly number[], random: Random): number[] {
  const keyed = values.map((value) => ({ value, key: random.next() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
}

const samples = new Map<string, readonly object[]>();

/** Documents as the seeder makes them. */
function sample({ collection, seeder }: Growth): readonly object[] {
  const known = samples.get(collection) ?? makeMany(seeder, world, 0, 1200);
  samples.set(collection, known);
  return known;
}

function shareOfNobody(growth: Growth): number {
  const ofNobody = sample(growth).filter((document) => (document as Record<string, unknown>)[growth.owner] === null);
  return ofNobody.length / sample(growth).length;
}

/** The mean size of a document, in bytes. */
export function averageSize(growth: Growth): number {
  const documents = sample(growth);
  return documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0) / documents.length;
}
