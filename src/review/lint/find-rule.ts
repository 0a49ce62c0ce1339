import { rules } from './rules';
import type { Rule } from './types';

const byCode = new Map(rules.map((each) => [each.code, each]));

export function ruleOf(code: string): Rule | undefined {
  return byCode.get(code);
}

/**
 * The rule that a person asks for, in any case.
 * @throws Error with code `USAGE` when there is none; it suggests what comes near.
 */
export function findRule(wanted: string): Rule {
  const found = ruleOf(wanted.trim().toUpperCase());
  if (found) return found;
  const near = nearestCode(wanted);
  const known = `${rules[0]?.code ?? ''} to ${rules.at(-1)?.code ?? ''}`;
  const message = `There is no rule ${wanted}. ${near === undefined ? `There are ${known}.` : `Did you mean ${near}?`}`;
  throw Object.assign(new Error(message), { code: 'USAGE' });
}

/** The code that differs least from what was written; undefined when none comes near. */
export function nearestCode(written: string): string | undefined {
  const text = written.trim().toUpperCase();
  const digits = /\d+/.exec(text)?.[0];
  if (digits !== undefined && byCode.has(`SM${digits.padStart(3, '0')}`)) return `SM${digits.padStart(3, '0')}`;
  const [nearest] = rules
    .map(({ code }) => ({ code, away: distance(text, code) }))
    .toSorted((one, other) => one.away - other.away);
  return nearest && nearest.away <= 1 ? nearest.code : undefined;
}

/** How many letters have to be put in, taken out or replaced. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, letter] of Array.from(one).entries()) {
    const next = [at + 1];
    for (const [to, otherLetter] of Array.from(other).entries()) {
      const replaced = (row[to] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
