/** The parts that the charts in docs/pictures have in common. */

/** Colours that are visible on light and dark pages, and also differ in brightness. Dashes distinguish the lines without colours. */
const looks = [
  { colour: '#d1495b', dash: '' },
  { colour: '#3f8fd2', dash: '' },
  { colour: '#c77d1e', dash: '8 4' },
  { colour: '#2f9e6e', dash: '2 4' },
  { colour: '#8a63d2', dash: '10 4 2 4' },
  { colour: '#c2549d', dash: '14 5' },
  { colour: '#1f9aa8', dash: '6 3' },
  { colour: '#7a8b2f', dash: '3 3' },
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

export const legendRowHeight = 22;

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** The title, for readers who cannot see the picture. */
  readonly title: string;
  /** The parts inside the frame, from back to front. */
  readonly parts: readonly string[];
}

/** Returns an SVG picture with a background, readable on light and on dark pages. */
export function frame({ width, height, title, parts }: Frame): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
  <title id="title">${escaped(title)}</title>
  <style>${style}
  </style>
  <rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${parts.join('\n')}
</svg>
`;
}

/** Returns a horizontal line of the grid with its label on the left. */
export function gridLine(
  label: string,
  left: number,
  right: number,
  y: string,
  kind: 'even' | 'grid' = 'grid',
): string {
  return `  <line class="${kind}" x1="${left}" y1="${y}" x2="${right}" y2="${y}"/>
  <text class="quiet" x="${left - 8}" y="${(Number(y) + 4).toFixed(1)}" text-anchor="end">${label}</text>`;
}

/** Returns the line number `at` through points such as `10.0,20.0 30.0,15.0`. */
export function polyline(points: string, at: number): string {
  const { colour, dash } = lookOf(at);
  return `  <polyline points="${points}" stroke="${colour}"${dashed(dash)}/>`;
}

/** Returns the entry of the legend for the line number `at`. */
export function legend(text: string, at: number, x: number, y: number): string {
  const { colour, dash } = lookOf(at);
  return `  <line x1="${x}" y1="${y - 4}" x2="${x + 36}" y2="${y - 4}" stroke="${colour}" stroke-width="2.5"${dashed(dash)}/>
  <text x="${x + 46}" y="${y}">${escaped(text)}</text>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&#39;');
}

/** Returns the colour of the line number `at`. */
export function colourOf(at: number): string {
  return lookOf(at).colour;
}

function lookOf(at: number): (typeof looks)[number] {
  const look = looks[at % looks.length];
  if (look === undefined) throw new Error('there is no look');
  return look;
}

function dashed(dash: string): string {
  return dash === '' ? '' : ` stroke-dasharray="${dash}"`;
}
