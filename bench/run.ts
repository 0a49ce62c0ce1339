import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { nearest } from '../src/support/nearest';
import { benches } from './list';
import { generatePage } from './page';
import {
  describeThisMachine,
  readRecords,
  thisNode,
  tolerance,
  withRuns,
  worseThanRecorded,
  writeRecords,
  type Measured,
  type Records,
} from './records';
import { missed, type Result } from './results';

const project = path.join(__dirname, '..');
const names = benches.map(({ name }) => name);
const byDefault = benches.filter(({ isNamedOnly }) => !isNamedOnly).map(({ name }) => name);
const onlyNamed = names.filter((name) => !byDefault.includes(name));

const usage = `Usage: npm run bench -- [NAME ...] [--check] [--recorded] [--short] [--record] [--page] [--note TEXT]

Runs benches, unless named all of these: ${byDefault.join(', ')}.
Only when named: ${onlyNamed.join(', ')}.

  --check      end 2 when a result misses its goal
  --recorded   end 2 when a ratio is ${tolerance} times worse than in bench/recorded.json, or nothing is recorded there for this version of Node
  --short      a third of the rounds, and only the small sizes
  --record     keep the results in bench/recorded.json, and write docs/benchmarks.md
  --page       run nothing; write docs/benchmarks.md from bench/recorded.json
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
      page: { type: 'boolean', default: false },
      note: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const before = await readRecords();
  if (values.page) {
    await writePage(before ?? {});
    return 0;
  }
  const chosen = positionals.length === 0 ? byDefault : positionals;
  for (const name of chosen.filter((one) => !names.includes(one))) {
    const near = nearest(name, names);
    console.error(`There is no bench ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}\n\n${usage}`);
    return 64;
  }
  if (values.recorded && !before?.[thisNode]) {
    console.error(
      `Nothing is recorded for Node ${thisNode} in bench/recorded.json, so there is nothing to compare with.\n` +
        'Run `npm run bench -- --record` on a quiet machine, and commit what it writes.',
    );
    return 2;
  }
  const runs: Record<string, Measured> = {};
  let [hasMissed, hasFailed] = [false, false];
  for (const name of chosen) {
    console.log(`\n${name}`);
    const { exitCode, server, results } = await runBench(name, values.short);
    if (exitCode !== 0 && exitCode !== missed) {
      console.error(`${name} did not end: exit code ${exitCode ?? 'unknown'}`);
      hasFailed = true;
      continue;
    }
    hasMissed ||= exitCode === missed;
    const { note } = values;
    const isShort = values.short;
    runs[name] = { ...describeThisMachine(), server, isShort, ...(note !== undefined && { note }), results };
    // Keep the runs after each bench, so that the results are kept if a run of an hour is stopped.
    if (values.record) await keepRuns(withRuns(before, runs));
  }
  const worse = values.recorded ? worseThanRecorded(runs, before?.[thisNode] ?? {}) : [];
  for (const line of worse) console.log(line);
  if (hasFailed) return 1;
  if (worse.length > 0) return 2;
  return values.check && hasMissed ? 2 : 0;
}

interface BenchRun {
  readonly results: readonly Result[];
  readonly server: string;
  readonly exitCode: number | undefined;
}

async function runBench(name: string, isShort: boolean): Promise<BenchRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const file = path.join(folder, 'results');
  try {
    const { exitCode, stdout } = await execa(
      process.execPath,
      ['-r', path.join(project, 'scripts', 'quick-start.js'), path.join(__dirname, `${name}.ts`)],
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
      server: /^mongod .*/m.exec(stdout)?.[0] ?? '',
      exitCode,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keepRuns(records: Records): Promise<void> {
  await writeRecords(records);
  await writePage(records);
}

async function writePage(records: Records): Promise<void> {
  const generated = await generatePage(records);
  for (const { file, text } of generated) await writeFile(path.join(project, file), text);
  const pictures = (await readdir(path.join(project, 'docs', 'pictures'))).filter((name) =>
    /^bench-.*\.svg$/.test(name),
  );
  const present = generated.map(({ file }) => path.posix.basename(file));
  for (const name of pictures.filter((one) => !present.includes(one))) {
    await rm(path.join(project, 'docs', 'pictures', name));
  }
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
