import { shards } from './cluster';
import { textOf } from './shard-keys';
import type { Outcome } from './simulate';
import type { Outcomes } from './tables';

const panel = { width: 400, height: 250, left: 56, top: 64, gap: 64 } as const;
const width = panel.left + 2 * panel.width + panel.gap + 24;
const rowHeight = 22;
/** Colours that are visible on both backgrounds, and also differ in brightness. The dashes distinguish the lines without colours. */
const looks = [
  { colour: '#d1495b', dash: '' },
  { colour: '#3f8fd2', dash: '' },
  { colour: '#c77d1e', dash: '8 4' },
  { colour: '#2f9e6e', dash: '2 4' },
  { colour: '#8a63d2', dash: '10 4 2 4' },
  { colour: '#c2549d', dash: '14 5' },
] as const;

const style = `
    svg { font: 13px system-ui, sans-serif; }
    .card { fill: #ffffff; stroke: #d0d7de; }
    text { fill: #24292f; }
    .quiet { fill: #57606a; }
    .grid { stroke: #d8dee4; }
    .even { stroke: #57606a; stroke-dasharray: 1 3; }
    polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #161b22; stroke: #30363d; }
      text { fill: #e6edf3; }
      .quiet { fill: #9da7b3; }
      .grid { stroke: #30363d; }
      .even { stroke: #9da7b3; }
    }`;

/** Returns an SVG chart of the share of inserts on the busiest shard, over time, for each key. Keys with equal results share a line. */
export function picture(outcomes: Outcomes): string {
  const lines = linesOf(outcomes);
  const legendTop = panel.top + panel.height + 56;
  const height = legendTop + lines.length * rowHeight;
  const texts = lines.map(({ keys }, at) => legend(keys, at, legendTop + at * rowHeight));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
  <title id="title">Share of the inserts on the busiest of ${shards} shards, over time, for each shard key of results</title>
  <style>${style}
  </style>
  <rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
  <text x="${panel.left - 32}" y="28">Share of the inserts on the busiest of ${shards} shards. The less, the better: ${100 / shards} % is even.</text>
${panelOf('all projects have equally many results', lines, 'even', panel.left)}
${panelOf('a few projects have most results (Zipf)', lines, 'zipf', panel.left + panel.width + panel.gap)}
${texts.join('\n')}
</svg>
`;
}

interface Line {
  readonly keys: readonly string[];
  readonly even: readonly number[];
  readonly zipf: readonly number[];
}

function linesOf({ even, zipf }: Outcomes): Line[] {
  const lines = new Map<string, { keys: string[]; even: readonly number[]; zipf: readonly number[] }>();
  for (const [at, outcome] of even.entries()) {
    const other = zipf[at];
    if (other === undefined) continue;
    const shape = `${points(outcome, 0)} ${points(other, 0)}`;
    const line = lines.get(shape) ?? { keys: [], even: outcome.overTime, zipf: other.overTime };
    line.keys.push(textOf(outcome.key));
    lines.set(shape, line);
  }
  return [...lines.values()];
}

function panelOf(name: string, lines: readonly Line[], which: 'even' | 'zipf', left: number): string {
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = yOf(share);
    const kind = share === 1 / shards ? 'even' : 'grid';
    return `  <line class="${kind}" x1="${left}" y1="${y}" x2="${left + panel.width}" y2="${y}"/>
  <text class="quiet" x="${left - 8}" y="${(Number(y) + 4).toFixed(1)}" text-anchor="end">${share * 100} %</text>`;
  });
  const drawn = lines.map((line, at) => {
    const { colour, dash } = lookOf(at);
    return `  <polyline points="${points({ overTime: line[which] }, left)}" stroke="${colour}"${dashed(dash)}/>`;
  });
  return `  <text class="quiet" x="${left}" y="${panel.top - 12}">${name}</text>
${[...grid, ...drawn].join('\n')}
  <text class="quiet" x="${left}" y="${panel.top + panel.height + 20}">first inserts</text>
  <text class="quiet" x="${left + panel.width}" y="${panel.top + panel.height + 20}" text-anchor="end">last inserts</text>`;
}

function points({ overTime }: Pick<Outcome, 'overTime'>, left: number): string {
  const step = panel.width / (overTime.length - 1);
  return overTime.map((share, at) => `${(left + at * step).toFixed(1)},${yOf(share)}`).join(' ');
}

function yOf(share: number): string {
  return (panel.top + panel.height * (1 - share)).toFixed(1);
}

function legend(keys: readonly string[], at: number, y: number): string {
  const { colour, dash } = lookOf(at);
  return `  <line x1="${panel.left}" y1="${y - 4}" x2="${panel.left + 36}" y2="${y - 4}" stroke="${colour}" stroke-width="2.5"${dashed(dash)}/>
  <text x="${panel.left + 46}" y="${y}">${keys.join(' and ').replaceAll("'", '&#39;')}</text>`;
}

function lookOf(at: number): (typeof looks)[number] {
  const look = looks[at % looks.length];
  if (look === undefined) throw new Error('there is no look');
  return look;
}

function dashed(dash: string): string {
  return dash === '' ? '' : ` stroke-dasharray="${dash}"`;
}
