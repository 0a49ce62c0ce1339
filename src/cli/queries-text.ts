import type { IndexAdvice } from '../author';
import type { IndexVerdict, LeftoverReport, SlowQueriesReport, SlowShape } from '../queries';
import { toTheMinute } from '../support/counts';
import { count, duration, table } from './output';

/** Slow queries for people: a row for each shape, and below the table what it is and what serves it. */
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
      `\`npm run schema -- new ${name}\` makes the file for this migration; say better what each index serves:`,
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
    ...(known.length === 0 ? [] : [`   known as ${known.join(', ')}`]),
    `   ${verdictLine(index)}`,
  ];
}

function verdictLine(index: IndexVerdict): string {
  if ('servedBy' in index) return `index ${index.servedBy} serves it already`;
  return 'wanted' in index ? `no index serves it; ${index.wanted.name} would` : `no advice: ${index.none}`;
}

function nothing({ source }: SlowQueriesReport): string {
  if (source === 'log') return 'The log tells of no slow query of this database.';
  if (source === 'profiler') return 'No query took so long meanwhile.';
  return 'The profile holds no query. `--for 60s` opens the profiler for a minute; `--log FILE` reads a log of mongod.';
}

function leftoverLine({ host, state }: LeftoverReport): string {
  if (state === 'put back')
    return `A run that did not end had left the profiler open on ${host}: its former settings are back.`;
  if (state === 'in use') return `Another run has the profiler open on ${host}.`;
  return `A run that did not end has left the profiler open on ${host}: to put its settings back, run this as a user with the role profiler or dbAdmin.`;
}

function summary(report: SlowQueriesReport): string[] {
  const { entries, first, last, shapes, shapesInAll, leftOut, log, beyond = 0 } = report;
  const span = first && last ? `, from ${toTheMinute(first)} to ${toTheMinute(last)}` : '';
  const shown = shapes.length < shapesInAll ? `; the ${shapes.length} that took most time are shown` : '';
  const left = [
    ...(leftOut.own > 0 ? [`${leftOut.own} of this tool and of the server`] : []),
    ...(leftOut.elsewhere > 0 ? [`${leftOut.elsewhere} of other databases`] : []),
    ...(leftOut.other > 0 ? [`${leftOut.other} that are no queries of a collection`] : []),
  ];
  return [
    `${queries(entries)} of ${count(shapesInAll, 'shape')}${span}${shown}.`,
    ...(beyond > 0 ? [`${beyond} more are of shapes beyond these, and not told apart.`] : []),
    ...(left.length > 0 ? [`Left out: ${left.join('; ')}.`] : []),
    ...(log && (log.damaged > 0 || log.foreign > 0)
      ? [
          `Of ${count(log.lines, 'line')}, ${log.damaged} on slow queries cannot be read, and ${log.foreign} are not by mongod.`,
        ]
      : []),
    ...(log?.endsEarly ? ['The file ends in the middle of what was compressed: what was before is counted.'] : []),
    ...(report.isWhole === false ? ['The server wrote more than the profile holds: some were not counted.'] : []),
    ...(report.wasDisturbed
      ? ['Somebody else changed the settings of the profiler meanwhile: they were left as they are.']
      : []),
    ...(report.indexesOf === 'migrations'
      ? ['Indexes are those that the migrations make; no server was asked for them.']
      : []),
  ];
}

function queries(number: number): string {
  return number === 1 ? '1 query' : `${number} queries`;
}
