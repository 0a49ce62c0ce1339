import { frame, gridLine, legend, legendRowHeight, polyline } from '../chart';
import { shards } from './cluster';
import { textOf } from './shard-keys';
import type { Outcome } from './simulate';
import type { Outcomes } from './tables';

const panel = { width: 400, height: 250, left: 56, top: 64, gap: 64 } as const;
const width = panel.left + 2 * panel.width + panel.gap + 24;
/** Returns an SVG chart of the share of inserts on the busiest shard, over time, for each key. Keys with equal results share a line. */
export function picture(outcomes: Outcomes): string {
  const lines = linesOf(outcomes);
  const legendTop = panel.top + panel.height + 56;
  const height = legendTop + lines.length * legendRowHeight;
  const texts = lines.map(({ keys }, at) =>
    legend(keys.join(' and '), at, panel.left, legendTop + at * legendRowHeight),
  );
  return frame({
    width,
    height,
    title: `Share of the inserts on the busiest of ${shards} shards, over time, for each shard key of results`,
    parts: [
      `  <text x="${panel.left - 32}" y="28">Share of the inserts on the busiest of ${shards} shards. The less, the better: ${100 / shards} % is even.</text>`,
      panelOf('all projects have equally many results', lines, 'even', panel.left),
      panelOf('a few projects have most results (Zipf)', lines, 'zipf', panel.left + panel.width + panel.gap),
      ...texts,
    ],
  });
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
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    gridLine(`${share * 100} %`, left, left + panel.width, yOf(share), share === 1 / shards ? 'even' : 'grid'),
  );
  const drawn = lines.map((line, at) => polyline(points({ overTime: line[which] }, left), at));
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
