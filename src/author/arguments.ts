import { secondsOf } from '../support/counts';
import { SchemaError } from '../support/schema-error';

/** Splits the value of an option at its last `=`. */
export function splitAtEquals(option: string, text: string, example: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new SchemaError('USAGE', `${option} ${text} is not complete, so nothing was written`, {
    fix: `write ${option} ${example}`,
  });
}

/** Parses a duration: `90d`, `12h`, `30m`, `60s` or `60`. Returns seconds. */
export function readSeconds(option: string, text: string): number {
  const seconds = secondsOf(text);
  if (seconds !== undefined) return seconds;
  throw new SchemaError('USAGE', `${text} is not a valid time for ${option}, so nothing was written`, {
    fix: 'write days, hours, minutes or seconds: 90d, 12h, 30m, 60s',
  });
}
