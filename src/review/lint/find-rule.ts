import { rules } from './rules';
import type { Rule } from './types';
import { distance } from '../../support/nearest';
import { SchemaError } from '../../support/schema-error';

const byCode = new Map(rules.map((each) => [each.code, each]));

export function ruleOf(code: string): Rule | undefined {
  return byCode.get(code);
}

/**
 * Returns a rule by its code, ignoring case.
 * @throws error with code `USAGE` for an unknown code; the error suggests a similar one
 */
export function findRule(wanted: string): Rule {
  const found = ruleOf(wanted.trim().toUpperCase());
  if (found) return found;
  const near = nearestCode(wanted);
  const known = `${rules[0]?.code ?? ''} to ${rules.at(-1)?.code ?? ''}`;
  throw new SchemaError('USAGE', `There is no rule ${wanted}`, {
    fix: near === undefined ? `the rules are ${known}` : `did you mean ${near}?`,
  });
}

/** Returns the most similar code; undefined when none is similar. */
export function nearestCode(written: string): string | undefined {
  const text = written.trim().toUpperCase();
  const digits = /\d+/.exec(text)?.[0];
  if (digits !== undefined && byCode.has(`SM${digits.padStart(3, '0')}`)) return `SM${digits.padStart(3, '0')}`;
  const [nearest] = rules
    .map(({ code }) => ({ code, away: distance(text, code) }))
    .toSorted((one, other) => one.away - other.away);
  return nearest && nearest.away <= 1 ? nearest.code : undefined;
}
