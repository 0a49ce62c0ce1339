import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readConfig } from '../config';
import { relations } from '../models/relations';
import { openProject } from '../deploy';
import {
  capMarkdown,
  compareSnapshot,
  gatherReport,
  lookAtServer,
  readReportBase,
  reportMarkdown,
  takeSnapshot,
  type LivePlan,
} from '../review';
import { lintProject } from '../review/lint';
import { print, progress } from './output';
import { folders } from './paths';
import { redact } from '../redact';
import { withTarget } from './target';

interface Options {
  readonly base: string;
  readonly out?: string;
  readonly cap: boolean;
  readonly json?: boolean;
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .summary('write the report of a pull request')
    .description(
      'Writes in markdown what a branch does to the schema: new migrations, changes, lint findings, plans. Needs git, and a ' +
        'server only when MONGODB_URL is set: then it tells what is pending there, and writes nothing. Ends 0 whatever it tells.',
    )
    .requiredOption('--base <ref>', 'what the branch is compared with')
    .option('--out <file>', 'where to write it, instead of stdout')
    .option('--no-cap', 'the whole report, also when GitHub would not take it')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run --silent report\n  $ npm run schema -- report --base v1.2.0 --out report.md',
    )
    .action(runReport);
}

async function runReport({ base: ref, out, cap, json = false }: Options): Promise<void> {
  const base = await readReportBase(folders.project, ref);
  const snapshot = takeSnapshot(folders, relations);
  const live = await livePlan();
  const data = gatherReport({
    base,
    migrations: openProject(folders.migrations).load(),
    snapshot,
    difference: compareSnapshot(snapshot, folders),
    lint: await lintProject(folders, { base: ref }),
    live,
  });
  const whole = reportMarkdown(data);
  const markdown = cap ? capMarkdown(whole) : whole;
  if (out !== undefined) {
    writeFileSync(out, markdown);
    progress(`wrote ${out}, ${markdown.length} characters`);
  }
  if (json || out === undefined) print({ ...data, markdown }, [markdown.trimEnd()], { json });
}

/** A report is written whether the server answers or not; a database is only looked at. */
async function livePlan(): Promise<LivePlan | undefined> {
  if (readConfig().url === undefined) return undefined;
  try {
    return await withTarget('report', {}, (target) => lookAtServer(target));
  } catch (error) {
    return { server: 'the server that MONGODB_URL names', problem: problemOf(error) };
  }
}

/** An error for everyone to read: without credentials, and without what stands in the database. */
function problemOf(error: unknown): string {
  const message = redact(error instanceof Error ? error.message : String(error));
  const isValue = (line: string) => /^\s+(there|expected):/.test(line);
  const lines = message.split('\n').filter((line) => !isValue(line));
  return lines.join('\n').slice(0, 2_000);
}
