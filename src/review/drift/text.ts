import { compact, count, shorten } from '../explain';
import type { DriftReport } from './drift';
import type { Finding } from './findings';

/** The maximum length of a command, in characters. Longer commands are not printed on a terminal. */
const longest = 300;

/** Describes drift in text: each difference, its migration, and how to fix it. */
export function describeDrift({ head, findings, drift, notices, accepted = [] }: DriftReport): string[] {
  const where = head === undefined ? 'an empty history' : head;
  const noticed = notices > 0 ? `${count(notices, 'notice')}.` : '';
  const known = accepted.map((line) => `${line}.`);
  if (findings.length === 0) {
    return [...known, `No drift: the database matches its migrations, up to ${where}.`];
  }
  return [
    ...findings.flatMap((finding) => [...describeFinding(finding), '']),
    ...known,
    drift > 0
      ? `Drift in ${count(drift, 'place')}, compared with the migrations up to ${where}. ${noticed}`.trim()
      : `No drift, compared with the migrations up to ${where}. ${noticed}`,
  ];
}

function describeFinding({ kind, severity, place, words, fix, commands, migration, ...sides }: Finding): string[] {
  const isLong = commands.some((command) => command.length > longest);
  return [
    `${severity.padEnd(6)}  ${place}: ${kind}`,
    ...('expected' in sides || 'found' in sides
      ? [line('expected', show(sides.expected)), line('found', show(sides.found))]
      : []),
    ...words.map((word, at) => line(at === 0 ? 'that is' : '', word)),
    ...(migration === undefined ? [] : [line('made by', migration)]),
    line('fix', fix),
    ...(isLong ? [line('', '(--json prints the mongosh command)')] : commands.map((command) => line('', command))),
  ];
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(8)}  ${text}`.trimEnd();
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? value : shorten(compact(value), 160);
}
