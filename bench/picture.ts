import { colourOf, escaped, frame, gridLine, legend, legendRowHeight, polyline } from './chart';
import type { Curve } from './results';
import { grouped } from './scale/markdown';

const panel = { width: 560, height: 280, left: 88, top: 64, right: 40 } as const;
const width = panel.left + panel.width + panel.right;
const right = panel.left + panel.width;
const bottom = panel.top + panel.height;

/**
 * Returns an SVG chart of values by size. Both axes are logarithmic: a value that grows in proportion to the size is a straight
 * line, and the same factor has the same height everywhere.
 */
export function picture({ title, size, unit, lines }: Curve): string {
  const points = lines.flatMap((line) => line.points);
  const across = axis(points.map(([at]) => at));
  const up = axis(points.map(([, value]) => value));
  const xOf = (at: number) => (panel.left + panel.width * across.place(at)).toFixed(1);
  const yOf = (value: number) => (bottom - panel.height * up.place(value)).toFixed(1);
  const sizes = [...new Set(points.map(([at]) => at))].toSorted((one, other) => one - other);
  const legendTop = bottom + 60;
  return frame({
    width,
    height: legendTop + lines.length * legendRowHeight,
    title,
    parts: [
      `  <text x="24" y="28">${escaped(title)}</text>`,
      `  <text class="quiet" x="${panel.left}" y="${panel.top - 12}">${escaped(unit)}</text>`,
      ...up.ticks.map((value) => gridLine(grouped(value), panel.left, right, yOf(value))),
      ...sizes.map(
        (at) =>
          `  <text class="quiet" x="${xOf(at)}" y="${bottom + 20}" text-anchor="middle">${grouped(at)} ${escaped(size)}</text>`,
      ),
      ...lines.map((line, at) => polyline(line.points.map(([x, y]) => `${xOf(x)},${yOf(y)}`).join(' '), at)),
      ...lines.flatMap((line, at) =>
        line.points.map(([x, y]) => `  <circle cx="${xOf(x)}" cy="${yOf(y)}" r="3.5" fill="${colourOf(at)}"/>`),
      ),
      ...lines.map(({ name }, at) => legend(name, at, panel.left, legendTop + at * legendRowHeight)),
    ],
  });
}

interface Axis {
  /** Powers of ten from the first to the last. */
  readonly ticks: readonly number[];
  /** Returns the position of a value on the axis, from 0 to 1. */
  place(value: number): number;
}

function axis(values: readonly number[]): Axis {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
  return { ticks, place: (value) => (Math.log10(value) - first) / (last - first) };
}
