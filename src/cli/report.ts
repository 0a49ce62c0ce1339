import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { openProject } from '../project';
import {
  capMarkdown,
  compareSnapshot,
  gatherReport,
  lookAtServer,
  readReportBase,
  reportMarkdown,
  reportPage,
  verdictOn,
  takeSnapshot,
  type LivePlan,
  type ReportData,
} from '../review';
import { lintProject } from '../review/lint';
import { printable } from '../support/printable';
import { redact } from '../support/redact';
import { formatReport, reportOf } from '../support/schema-error';
import { busy } from './busy';
import { refuseCompiled } from './checkout';
import type { Context } from './context';
import { languagesOf } from './languages';
import { toAddress } from './options';
import { withTarget } from './target';

interface Options {
  readonly base: string;
  readonly out?: string;
  readonly cap: boolean;
  readonly links?: string;
  readonly open?: true;
  readonly json?: boolean;
}

export function register(program: Command, context: Context): void {
  program
    .command('report')
    .description(
      'Writes a markdown report of what a branch does to the schema: new migrations, changes, lint findings, plans. Needs git. ' +
        'If MONGODB_URL is set, the report also shows what is pending on that server; nothing is written there. The exit code is always 0.',
    )
    .requiredOption('--base <ref>', 'the git ref to compare the branch with')
    .option('--out <file>', 'the file to write, instead of stdout')
    .option('--no-cap', 'write the whole report, even if it is too long for GitHub')
    .option(
      '--links <url>',
      'the web address of the folder of migrations: https://github.com/OWNER/REPOSITORY/blob/COMMIT/migrations',
      toAddress,
    )
    .option('--open', 'open the report in a browser instead of printing it')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run --silent report\n  $ npm run report -- --open\n  $ npm run schema -- report --base v1.2.0 --out report.md',
    )
    .action((options: Options) => runReport(context, options));
}

async function runReport(context: Context, options: Options): Promise<void> {
  refuseCompiled('cannot report on a branch', 'report --base REF');
  const { base: ref, out, cap, links, open = false, json = false } = options;
  const linkBase = links ?? (open ? pathToFileURL(context.folders.migrations).href : undefined);
  const data = await busy(context, 'preparing the report', () => gather(context, ref));
  // The part about the server may contain texts from the database with control characters.
  const whole = printable(reportMarkdown(data, linkBase));
  const markdown = cap && !open ? capMarkdown(whole) : whole;
  if (out !== undefined) {
    writeFileSync(out, markdown);
    context.progress(`wrote ${out}, ${markdown.length} characters`);
  }
  if (open) await show(context, markdown);
  if (json || (out === undefined && !open))
    context.print({ ...verdictOn(data), ...data, markdown }, [markdown.trimEnd()], { json });
}

/** Writes the report to a folder that only this user can read, because it contains what `plan` finds on a server, and opens it. */
async function show(context: Context, markdown: string): Promise<void> {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'schema-report-')), 'report.html');
  writeFileSync(file, await reportPage(markdown), { mode: 0o600 });
  context.progress(`wrote ${file}; if no browser opens, open this file in one`);
  const { default: openInBrowser } = await import('open');
  const browser = await openInBrowser(pathToFileURL(file).href);
  browser.on('error', () => undefined);
}

async function gather(context: Context, ref: string): Promise<ReportData> {
  const { folders } = context;
  const base = await readReportBase(folders, ref);
  const snapshot = takeSnapshot(folders, { relations: context.product.relations, languages: languagesOf(context) });
  const live = await livePlan(context);
  return gatherReport({
    base,
    migrations: openProject(folders.migrations).load(),
    snapshot,
    difference: compareSnapshot(snapshot, folders),
    lint: await lintProject(folders, { base: ref }),
    live,
    relations: context.product.relations,
    queries: context.product.queries,
    read: ({ file }) => readFileSync(file, 'utf8'),
  });
}

/** Reads what is pending on the server, without writing to the database. If the server does not answer, the report is still written. */
async function livePlan(context: Context): Promise<LivePlan | undefined> {
  if (context.config.url === undefined) return undefined;
  try {
    return await withTarget(context, 'report', {}, (target) =>
      lookAtServer({ ...target, queries: context.product.queries }),
    );
  } catch (error) {
    return { server: 'the server that MONGODB_URL names', problem: problemOf(error) };
  }
}

/** Returns an error text that anyone may read: without credentials, and without contents of the database. */
function problemOf(error: unknown): string {
  const message = redact(formatReport(reportOf(error)));
  const isValue = (line: string) => /^\s+(?:why\s+)?(?:found|expected):/.test(line);
  const lines = message.split('\n').filter((line) => !isValue(line));
  return lines.join('\n').slice(0, 2_000);
}
