import { arrivals, unitMiB, type Distribution, type Growth, type Unit } from './arrivals';
import { Cluster, rangeMiB } from './cluster';
import { isHashed, shardKeysFor, type ShardKey } from './shard-keys';

/** The result of simulating a shard key. Shares are from 0 to 1. */
export interface Outcome {
  readonly key: ShardKey;
  /** The share of the data on the fullest shard at the end. */
  readonly fullest: number;
  /** The share of the last tenth of the inserts that went to the busiest shard. */
  readonly busiest: number;
  /** The bytes that the balancer moved for each inserted byte. */
  readonly moved: number;
  /** The data of the most frequent value of the key, which cannot be divided. Undefined if few documents have the same value. */
  readonly indivisibleMiB: number | undefined;
  /** The share of the busiest shard in each twentieth of the inserts. */
  readonly overTime: readonly number[];
}

const windows = 20;
/** The number of units inserted between two rounds of the balancer: as much as one move takes. */
const unitsPerRound = rangeMiB / unitMiB;

/** Simulates every candidate key with the same inserts. */
export function simulate(growth: Growth, distribution: Distribution): Outcome[] {
  const units = arrivals(growth, distribution);
  return shardKeysFor(growth).map((key) => run(key, units, growth.lifetime));
}

function run(key: ShardKey, units: readonly Unit[], lifetime = Number.POSITIVE_INFINITY): Outcome {
  const cluster = new Cluster(isHashed(key));
  const shares: number[] = [];
  let beforeLastTenth: readonly number[] = [];
  let oldest = 0;
  let before: readonly number[] = [...cluster.inserted];
  let at = 0;
  for (const unit of units) {
    if (at === Math.floor(units.length * 0.9)) beforeLastTenth = [...cluster.inserted];
    cluster.insert(key.place(unit));
    for (let old = units[oldest]; old !== undefined && old.at < unit.at - lifetime; old = units[++oldest]) {
      cluster.remove(key.place(old));
    }
    at++;
    if (at % unitsPerRound === 0) cluster.balance();
    if (Math.floor((at * windows) / units.length) > shares.length) {
      shares.push(busiestShare(before, cluster.inserted));
      before = [...cluster.inserted];
    }
  }
  const held = cluster.held.reduce((sum, one) => sum + one, 0);
  return {
    key,
    fullest: Math.max(...cluster.held) / held,
    busiest: busiestShare(beforeLastTenth, cluster.inserted),
    moved: cluster.moved / units.length,
    indivisibleMiB: key.isShared ? cluster.mostOfOneKey() * unitMiB : undefined,
    overTime: shares,
  };
}

function busiestShare(before: readonly number[], now: readonly number[]): number {
  const since = now.map((count, shard) => count - (before[shard] ?? 0));
  return Math.max(...since) / since.reduce((sum, one) => sum + one, 0);
}
