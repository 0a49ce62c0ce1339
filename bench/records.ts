import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import type { Result } from './results';

/** One run of one bench, with the machine, the version of Node and the server on which it ran. */
export interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  /** The version of the server, and its source. Empty for a bench without a server. */
  readonly server: string;
  /** Whether this was a short run: fewer rounds, and only the small sizes. */
  readonly isShort: boolean;
  readonly note?: string;
  readonly results: readonly Result[];
}

/** The benches of one version of Node, by name. */
export type Recorded = Readonly<Record<string, Measured>>;

/** The content of bench/recorded.json, by major version of Node. A ratio is compared only with a ratio from the same version. */
export type Records = Readonly<Record<string, Recorded>>;

/** The factor by which a ratio may be worse than the recorded ratio. */
export const tolerance = 1.5;

const file = path.join(__dirname, 'recorded.json');

/** The major version of the Node that runs this process. */
export const thisNode = process.versions.node.replace(/\..*/, '');

/** Reads the records. Resolves to undefined if nothing is recorded. */
export async function readRecords(): Promise<Records | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Records);
}

export async function writeRecords(records: Records): Promise<void> {
  await writeFile(file, `${JSON.stringify(records, null, 2)}\n`);
}

/** Returns the records after the given runs have replaced earlier runs of the same benches. */
export function withRuns(before: Records | undefined, runs: Recorded): Records {
  return { ...before, [thisNode]: { ...before?.[thisNode], ...runs } };
}

/** Describes the machine and the version of Node on which the benches of this process run. */
export function describeThisMachine(): Pick<Measured, 'date' | 'machine' | 'node'> {
  const [{ model } = { model: 'unknown' }] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${model.trim()}), ${memory} of memory, ${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** Returns a sentence for each ratio that is worse than the recorded one, and for each ratio without a recorded one. */
export function worseThanRecorded(runs: Recorded, before: Recorded): string[] {
  return Object.entries(runs).flatMap(([bench, { results }]) =>
    results.flatMap((result) => {
      if (result.kind !== 'ratio') return [];
      const { what, ratio } = result;
      const then = before[bench]?.results.find((one) => one.kind === 'ratio' && one.what === what);
      if (then?.kind !== 'ratio') {
        return [`${what}: nothing is recorded to compare with: run \`npm run bench -- ${bench} --record\``];
      }
      if (ratio <= then.ratio * tolerance) return [];
      return [`${what}: the ratio is ${ratio.toFixed(2)}; recorded is ${then.ratio.toFixed(2)}`];
    }),
  );
}
