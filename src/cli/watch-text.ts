import pc from 'picocolors';
import { describeChanges } from '../review';
import { findingText, suppressedText } from '../review/lint';
import { printable } from '../support/printable';
import { formatReport } from '../support/schema-error';
import type { RoundReport } from '../watch';
import type { Context } from './context';
import { count, duration } from './output';
import { takesColours } from './terminal';

/** Formats the result of a round (one trial of the migration, after a save): one line with the outcome, then the findings of each check. */
export function roundLines(
  { migration, isGood, milliseconds, types, trial }: RoundReport,
  { io, env }: Pick<Context, 'io' | 'env'>,
): string[] {
  const { green, red, bold, dim } = pc.createColors(takesColours(io.stdout, env));
  const { changes, lint, moves, irreversible, problem } = trial;
  const section = (label: string, texts: readonly string[]) =>
    printable(texts.join('\n'))
      .split('\n')
      .map((line, at) => `  ${dim((at === 0 ? label : '').padEnd(8))}${line}`.trimEnd());
  const mark = isGood ? green('✔') : red('✖');
  return [
    `${mark} ${bold(printable(migration))}: ${isGood ? 'good' : 'not good yet'}, ${duration(milliseconds)}`,
    ...section('types', typeLines(types)),
    ...(changes ? section('schema', changes.length === 0 ? ['no change'] : describeChanges(changes)) : []),
    ...(lint ? section('lint', lintLines(lint)) : []),
    ...(moves.length > 0 || problem === undefined
      ? section('replay', replayLines(moves, irreversible, problem === undefined))
      : []),
    ...(problem
      ? formatReport(problem)
          .split('\n')
          .map((line, at) => (at === 0 ? `  ${red('✖')} ${line}` : `  ${line}`))
      : []),
    '',
  ];
}

function typeLines(types: RoundReport['types']): string[] {
  if ('notChecked' in types) return [`not checked: ${types.notChecked}`];
  if (types.problems.length === 0) return ['good'];
  return types.problems.map(({ file, line, message }) => `${file}:${line}  ${message}`);
}

function lintLines({ findings, suppressed }: NonNullable<RoundReport['trial']['lint']>): string[] {
  if (findings.length + suppressed.length === 0) return ['good'];
  return [...findings.map(findingText), ...suppressed.map(suppressedText)];
}

function replayLines(moves: RoundReport['trial']['moves'], irreversible: readonly string[], isDone: boolean): string[] {
  if (irreversible.length > 0) {
    return [
      `${isDone ? 'up twice: good' : count(moves.length, 'run')}. It cannot be rolled back: ${irreversible.join('; ')}`,
    ];
  }
  return [isDone ? 'up, down and up, each twice: good' : moves.map(({ title }) => title).join('; ')];
}
