import type { Result } from './compare';
import type { Recorded } from './run';
import { markdownTable } from './scale/markdown';

/** Returns the text of docs/benchmarks.md, which `npm run bench -- --record` writes. */
export function pageOf({ date, machine, node, server, note, results }: Recorded): string {
  const sections = Object.entries(results).filter(([, found]) => found.length > 0);
  return `# Benchmarks

This page compares the tool with the plain way to do the same: the bare driver, migrate-mongo, mongodump, mongorestore. Both run in
turn on one server, after one round that does not count. A ratio is time here divided by time there, the median over the rounds; the
range is in parentheses. Below 1, the tool is faster. \`npm run bench\` measures again, and \`npm run bench -- --record\` writes this page.

Measured on ${date}: ${machine}; Node ${node}; ${server}.${note === undefined ? '' : ` ${note}`}

${sections.map(([bench, found]) => `## ${titles[bench] ?? bench}\n\n${tableOf(found)}`).join('\n\n')}
`;
}

const titles: Readonly<Record<string, string>> = {
  backfill: 'Backfills',
  backup: 'Backups and restores',
  deploy: 'Deploy of the whole schema',
  growth: 'Many migrations',
  startup: 'Start-up',
};

function tableOf(results: readonly Result[]): string {
  const rows = results.map(({ what, unit, ours, theirs, ratio, least, largest, limit }) => {
    const verdict = ratio <= limit ? '' : ' (missed)';
    return [
      what,
      `${ours.toFixed(0)} ${unit}`,
      `${theirs.toFixed(0)} ${unit}`,
      `${ratio.toFixed(2)} (${least.toFixed(2)} to ${largest.toFixed(2)})`,
      `${limit}${verdict}`,
    ];
  });
  const head = ['What', 'Here', 'There', 'Ratio', 'Goal'];
  return markdownTable(head, rows, { texts: head.length });
}
