import { count, type ExplainedChange } from '../explain';
import { cell, table } from '../markdown';
import type { DiffReport } from './diff';

/** The output formats of a comparison. */
export const diffFormats = {
  text: (report: DiffReport) => describeDiff(report).join('\n') + '\n',
  json: (report: DiffReport) => JSON.stringify(report, null, 2) + '\n',
  markdown: (report: DiffReport) => diffMarkdown(report).join('\n') + '\n',
} as const;

export type DiffFormat = keyof typeof diffFormats;

export function describeDiff({ from, to, changes }: DiffReport): string[] {
  if (changes.length === 0) return [`${from.point} and ${to.point} are equal.`];
  return [`from ${from.point}`, `to   ${to.point}`, '', ...describeChanges(changes), '', `${tally(changes)}.`];
}

/** Returns one line for each change, followed by lines with its meaning. */
export function describeChanges(changes: readonly ExplainedChange[]): string[] {
  return changes.flatMap(({ sign, place, words }) => [`${sign} ${place}`, ...words.map((word) => `    ${word}`)]);
}

export function diffMarkdown({ from, to, changes }: DiffReport): string[] {
  const heading = `### \`${from.point}\` → \`${to.point}\``;
  if (changes.length === 0) return [heading, '', 'Equal.'];
  return [heading, '', `${tally(changes)}.`, '', ...changesTable(changes)];
}

/** Returns changes as a GitHub table. */
export function changesTable(changes: readonly ExplainedChange[]): string[] {
  const rows = changes.map(({ sign, place, words }) => [`\`${sign}\``, cell(place), words.map(cell).join('<br>')]);
  return table(['', 'place', 'meaning'], rows);
}

/** Returns a summary: `2 created, 1 changed, 0 dropped`. */
export function tally(changes: readonly Pick<ExplainedChange, 'sign'>[]): string {
  const of = (wanted: ExplainedChange['sign']) => changes.filter(({ sign }) => sign === wanted).length;
  return `${count(changes.length, 'change')}: ${of('+')} created, ${of('~')} changed, ${of('-')} dropped`;
}
