import { SchemaError } from '../support/schema-error';

/** What stands before the last `=` of an option, and behind it. */
export function splitAtEquals(option: string, text: string, example: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new SchemaError('USAGE', `${option} ${text} is not complete, so nothing was written`, {
    fix: `write ${option} ${example}`,
  });
}

const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `90d`, `12h`, `30m`, `60s` or `60`, in seconds. */
export function readSeconds(option: string, text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,10})([smhd]?)$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits) * (secondsIn[unit === '' ? 's' : unit] ?? 1);
  throw new SchemaError('USAGE', `${text} behind ${option} is no time, so nothing was written`, {
    fix: 'write days, hours, minutes or seconds: 90d, 12h, 30m, 60s',
  });
}
