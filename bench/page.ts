import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { benches } from './list';
import { picture } from './picture';
import { tolerance, type Measured, type Recorded, type Records } from './records';
import { isMissed, valueText, type Bound, type Curve, type Ratio, type Result } from './results';
import { markdownTable } from './scale/markdown';
import type { Generated } from './scale/page';

/** A text in Markdown about what the benches have found. The first line of the text is its heading. */
const findingsFile = path.join(__dirname, 'findings.md');

/** Returns docs/benchmarks.md and its pictures, from the records of the oldest recorded version of Node. */
export async function generatePage(records: Records): Promise<Generated[]> {
  // The keys are whole numbers, and objects keep such keys in ascending order.
  const [recorded = {}] = Object.values(records);
  // Links in the findings are relative to this folder, links in the page are relative to docs/.
  const findings = (await readFile(findingsFile, 'utf8').catch(() => '')).replaceAll('](../docs/', '](');
  const curves = Object.values(recorded).flatMap(({ results }) => results.filter((one) => one.kind === 'curve'));
  const drawn = curves.filter(isDrawn);
  return [
    { file: 'docs/benchmarks.md', text: pageOf(recorded, findings) },
    ...drawn.map((curve) => ({ file: path.posix.join('docs', pictureOf(curve)), text: picture(curve) })),
  ];
}

function pageOf(recorded: Recorded, findings: string): string {
  const measured = benches.flatMap((bench) => {
    const run = recorded[bench.name];
    return run && run.results.length > 0 ? [{ ...bench, run }] : [];
  });
  // If a bench needs no server but everything else is equal, it counts as run on the server of the other benches.
  const server = measured.find(({ run }) => run.server !== '')?.run.server ?? '';
  const machines = [...new Set(measured.map(({ run }) => machineOf({ ...run, server: run.server || server })))];
  const [machine = 'Nothing is measured yet.'] = machines;
  const sections = measured.map(({ title, about, run }) =>
    [`## ${title}`, about, ...(machines.length > 1 ? [machineOf(run)] : []), ...partsOf(run.results)].join('\n\n'),
  );
  return `${[
    '# Benchmarks',
    `<!-- \`npm run bench -- --record\` measures and writes this page; \`npm run bench -- --page\` writes it again. -->`,
    `This page compares the tool with plain ways to do the same work: the bare driver, migrate-mongo and other tools, mongodump,
mongorestore. In each round, the tool ("here") and the plain way ("there") run one after the other on the same server. The first round
does not count. A ratio is the time here divided by the time there. The tables show the median of the rounds, with the smallest and the
largest ratio in parentheses. If a ratio is below 1, this tool is faster. Ratios depend less on the machine than times do. CI runs some
of the benches and fails if a ratio is ${tolerance} times worse than on this page.`,
    ...(machines.length > 1 ? [] : [machine]),
    `## Goals that are missed`,
    missedText(measured),
    ...sections,
    ...(findings.trim() === '' ? [] : [findings.trim()]),
  ].join('\n\n')}\n`;
}

function machineOf({ date, machine, node, server, isShort, note }: Measured): string {
  const on = [machine, `Node ${node.replace(/^v/, '')}`, ...(server === '' ? [] : [server])].join('; ');
  const short = isShort ? ' This was a short run: few rounds, and only the small sizes.' : '';
  return `Measured on ${date}: ${on}.${short}${note === undefined ? '' : ` ${note}`}`;
}

function missedText(measured: readonly { readonly title: string; readonly run: Measured }[]): string {
  const goals = measured.flatMap(({ run }) => run.results.filter(({ kind }) => kind === 'ratio' || kind === 'bound'));
  const lines = measured.flatMap(({ title, run }) =>
    run.results.flatMap((result) => {
      if (!isMissed(result)) return [];
      if (result.kind === 'ratio') {
        return [
          `- ${title}: ${result.what}. The ratio is ${result.ratio.toFixed(2)}, and the goal is ${result.limit}.`,
        ];
      }
      if (result.kind === 'bound') {
        return [`- ${title}: ${result.what}. It is ${valueText(result)}, and the goal is ${goalOf(result)}.`];
      }
      return [];
    }),
  );
  if (lines.length === 0) return `None of ${goals.length}.`;
  return `${lines.length} of ${goals.length}:\n\n${lines.join('\n')}`;
}

/** Returns the parts of a section: first the ratios, then other results with a goal, then results without a goal. */
function partsOf(results: readonly Result[]): string[] {
  const ratios = results.filter((one) => one.kind === 'ratio');
  const bounds = results.filter((one) => one.kind === 'bound');
  return [
    ...(ratios.length === 0 ? [] : [ratioTable(ratios)]),
    ...(bounds.length === 0 ? [] : [boundTable(bounds)]),
    ...results.flatMap((result) => {
      switch (result.kind) {
        case 'ratio':
        case 'bound':
          return [];
        case 'rows':
          return [`${result.title}:`, markdownTable(result.head, result.rows)];
        case 'curve':
          return isDrawn(result) ? [`![${result.title}](${pictureOf(result)})`] : [];
        case 'note':
          return [result.text];
      }
    }),
  ];
}

function ratioTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map((result) => {
    const { what, unit, ours, theirs, ratio, least, largest, limit } = result;
    return [
      what,
      `${ours.toFixed(0)} ${unit}`,
      `${theirs.toFixed(0)} ${unit}`,
      `${ratio.toFixed(2)} (${least.toFixed(2)} to ${largest.toFixed(2)})`,
      `${limit}${isMissed(result) ? ' (missed)' : ''}`,
    ];
  });
  return markdownTable(['What', 'Here', 'There', 'Ratio', 'Goal, at most'], rows);
}

function boundTable(bounds: readonly Bound[]): string {
  const rows = bounds.map((result) => [
    result.what,
    valueText(result),
    `${goalOf(result)}${isMissed(result) ? ' (missed)' : ''}`,
  ]);
  return markdownTable(['What', 'Measured', 'Goal'], rows);
}

function goalOf({ limit, unit, isLeast = false }: Bound): string {
  return `at ${isLeast ? 'least' : 'most'} ${limit} ${unit}`.trim();
}

/** Returns whether a curve is drawn: a short run may have measured only one size. */
function isDrawn({ lines }: Curve): boolean {
  return lines.length > 0 && lines.every(({ points }) => points.length > 1);
}

function pictureOf({ name }: Curve): string {
  return `pictures/bench-${name}.svg`;
}
