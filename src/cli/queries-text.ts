import type { IndexAdvice } from '../author';
import type { IndexVerdict, LeftoverReport, SlowQueriesReport, SlowShape } from '../queries';
import { toTheMinute } from '../support/counts';
import { count, duration, table } from './output';

/** Describes slow queries for people: a table with a row for each shape, then each shape in full with its index. */
export function describeSlow(report: SlowQueriesReport, advice: readonly IndexAdvice[], columns?: number): string[] {
  const { shapes } = report;
  const head = ['', 'collection', 'operation', 'count', 'total', 'p50', 'p95', 'max', 'per returned', 'plan'];
  return [
    ...(report.leftovers ?? []).map(leftoverLine),
    ...(shapes.length === 0 ? [nothing(report)] : [table(head, shapes.map(row), columns), '']),
    ...shapes.flatMap(describeShape),
    ...(shapes.length === 0 ? [] : ['']),
    ...summary(report),
    ...advice.flatMap(({ name, text }) => [
      '',
      `\`npm run schema -- new ${name}\` creates the file for this migration. Copy this into it, and improve each \`serves\`:`,
      '',
      ...text.trimEnd().split('\n'),
    ]),
  ];
}

function row({ collection, operation, milliseconds, plans, ...shape }: SlowShape, at: number): (string | number)[] {
  const { total, p50, p95, max } = milliseconds;
  const ratio = shape.examinedPerReturned;
  const perReturned = ratio === null ? '' : ratio < 10 ? ratio.toFixed(1) : String(Math.round(ratio));
  return [
    at + 1,
    collection,
    operation,
    shape.count,
    duration(total),
    ...[p50, p95, max].map(duration),
    perReturned,
    plans.join('; '),
  ];
}

function describeShape({ collection, text, known, index }: SlowShape, at: number): string[] {
  return [
    `${at + 1}  ${collection}: ${text}`,
    ...(known.length === 0 ? [] : [`   known query: ${known.join(', ')}`]),
    `   ${verdictLine(index)}`,
  ];
}

function verdictLine(index: IndexVerdict): string {
  if ('servedBy' in index) return `index ${index.servedBy} already serves it`;
  return 'wanted' in index ? `no index serves it; ${index.wanted.name} would` : `no advice: ${index.none}`;
}

function nothing({ source }: SlowQueriesReport): string {
  if (source === 'log') return 'The log contains no slow query of this database.';
  if (source === 'profiler') return 'No query was slow during this time.';
  return 'The profiler has recorded no query. `--for 60s` turns it on for a minute. `--log FILE` reads a log file of mongod.';
}

function leftoverLine({ host, state }: LeftoverReport): string {
  if (state === 'put back')
    return `A run that was killed had left the profiler on at ${host}. Its former settings have been restored.`;
  if (state === 'in use') return `Another run is using the profiler on ${host}.`;
  return `A run that was killed has left the profiler on at ${host}. To restore its settings, run this as a user with the role profiler or dbAdmin.`;
}

function summary(report: SlowQueriesReport): string[] {
  const { entries, first, last, shapes, shapesInAll, leftOut, log, beyond = 0 } = report;
  const span = first && last ? `, from ${toTheMinute(first)} to ${toTheMinute(last)}` : '';
  const shown = shapes.length < shapesInAll ? `; only the ${shapes.length} with the largest total time are shown` : '';
  const left = [
    ...(leftOut.own > 0 ? [`${leftOut.own} of this tool or of the server`] : []),
    ...(leftOut.elsewhere > 0 ? [`${leftOut.elsewhere} of other databases`] : []),
    ...(leftOut.other > 0 ? [`${leftOut.other} that are not queries on a collection`] : []),
  ];
  return [
    `${queries(entries)} of ${count(shapesInAll, 'shape')}${span}${shown}.`,
    ...(beyond > 0 ? [`Not grouped, because there are too many shapes: ${queries(beyond)}.`] : []),
    ...(left.length > 0 ? [`Not counted: ${left.join('; ')}.`] : []),
    ...(log && (log.damaged > 0 || log.foreign > 0)
      ? [
          `Of ${count(log.lines, 'line')}, ${log.damaged} about slow queries cannot be read, and ${log.foreign} were not written by mongod.`,
        ]
      : []),
    ...(log?.endsEarly
      ? ['The compressed file is truncated or damaged: only the part before the damage was counted.']
      : []),
    ...(report.isWhole === false
      ? ['The server recorded more than system.profile can hold: some queries were not counted.']
      : []),
    ...(report.wasDisturbed
      ? ['Somebody else changed the profiler settings meanwhile, so this run did not restore the earlier settings.']
      : []),
    ...(report.indexesOf === 'migrations' ? ['The indexes are those of the migrations, not those of a server.'] : []),
  ];
}

function queries(number: number): string {
  return number === 1 ? '1 query' : `${number} queries`;
}
