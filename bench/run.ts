import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { nearest } from '../src/support/nearest';
import type { Result } from './compare';
import { pageOf } from './page';

/** The benches. Each is a file in this folder that measures, prints results, and ends with 1 if a limit is exceeded. */
const benches = ['deploy', 'startup', 'growth', 'backfill', 'forecast', 'review', 'seed', 'backup', 'scrape'] as const;

const recordFile = path.join(__dirname, 'recorded.json');
const pageFile = path.join(__dirname, '..', 'docs', 'benchmarks.md');
/** The factor by which a ratio may be worse than the recorded ratio. */
const tolerance = 1.5;

/** The results of all benches, and the machine. */
export interface Recorded {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  /** The first line of each bench: the version of the server, and its source. */
  readonly server: string;
  readonly note?: string;
  /** The results by the name of the bench. */
  readonly results: Readonly<Record<string, readonly Result[]>>;
}

const usage = `Usage: npm run bench -- [NAME ...] [--check] [--recorded] [--short] [--record] [--note TEXT]

Runs benches, all of them unless named: ${benches.join(', ')}.

  --check      end 2 when a ratio misses its goal
  --recorded   end 2 when a ratio is ${tolerance} times worse than in bench/recorded.json
  --short      a third of the rounds
  --record     keep the results in bench/recorded.json, and write docs/benchmarks.md
  --note TEXT  what readers of the page should know of this machine

Examples:
  $ npm run bench -- startup --short
  $ npm run bench -- --record
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      check: { type: 'boolean', default: false },
      recorded: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      note: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const chosen = positionals.length === 0 ? benches : positionals;
  const known: readonly string[] = benches;
  for (const name of chosen.filter((one) => !known.includes(one))) {
    const near = nearest(name, known);
    console.error(`There is no bench ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}\n\n${usage}`);
    return 64;
  }
  const before = await readRecord();
  const results: Record<string, readonly Result[]> = {};
  let server = '';
  let failed = false;
  for (const name of chosen) {
    console.log(`\n${name}`);
    const run = await runBench(name, values.short);
    results[name] = run.results;
    server = run.server ?? server;
    failed ||= run.failed;
  }
  const worse = values.recorded ? worseThanRecorded(results, before) : [];
  for (const line of worse) console.log(line);
  if (values.record) {
    const record: Recorded = {
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
      node: process.version,
      server,
      ...(values.note !== undefined && { note: values.note }),
      results: { ...before?.results, ...results },
    };
    await writeFile(recordFile, `${JSON.stringify(record, null, 2)}\n`);
    await writeFile(pageFile, pageOf(record));
  }
  if (worse.length > 0) return 2;
  if (!failed) return 0;
  return values.check ? 2 : 1;
}

interface BenchRun {
  readonly results: readonly Result[];
  readonly server?: string | undefined;
  /** Whether a limit was exceeded. */
  readonly failed: boolean;
}

async function runBench(name: string, isShort: boolean): Promise<BenchRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const file = path.join(folder, 'results');
  try {
    const { exitCode, stdout } = await execa(
      process.execPath,
      ['-r', path.join(__dirname, '..', 'scripts', 'quick-start.js'), path.join(__dirname, `${name}.ts`)],
      {
        env: { BENCH_RESULTS: file, ...(isShort && { BENCH_SHORT: '1' }) },
        stdout: ['pipe', 'inherit'],
        stderr: 'inherit',
        reject: false,
      },
    );
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    return {
      results: lines.map((line) => JSON.parse(line) as Result),
      server: /^mongod .*/m.exec(stdout)?.[0],
      failed: exitCode !== 0,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readRecord(): Promise<Recorded | undefined> {
  const text = await readFile(recordFile, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Recorded);
}

/** Returns the results that are worse than recorded. It also reports results without a recorded value, because they are compared with nothing. */
function worseThanRecorded(results: Recorded['results'], before: Recorded | undefined): string[] {
  return Object.entries(results).flatMap(([bench, found]) =>
    found.flatMap(({ what, ratio }) => {
      const then = before?.results[bench]?.find((one) => one.what === what);
      if (!then) return [`${what}: nothing is recorded to compare with: run \`npm run bench -- ${bench} --record\``];
      if (ratio <= then.ratio * tolerance) return [];
      return [`${what}: the ratio is ${ratio.toFixed(2)}; recorded is ${then.ratio.toFixed(2)}`];
    }),
  );
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
