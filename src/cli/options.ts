import { InvalidArgumentError, type Command } from 'commander';
import { secondsOf } from '../support/counts';

/** The options of every verb that works on a database. */
export interface CommonOptions {
  readonly embedded?: boolean;
  readonly json?: boolean;
}

/** The options of every verb that takes the lease. */
export interface LeaseOptions extends CommonOptions {
  /** In seconds. */
  readonly lockTimeout: number;
  /** In seconds. */
  readonly ddlWait: number;
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--embedded', 'use an embedded mongod with its data in .mongodb/ when MONGODB_URL is not set')
    .option('--json', 'print one JSON document on stdout, and nothing else there');
}

export function withLeaseOptions(command: Command): Command {
  return withCommonOptions(command)
    .option('--lock-timeout <seconds>', 'how long to wait while another run holds the lease', toSeconds, 60)
    .option(
      '--ddl-wait <seconds>',
      'how long a schema command may wait for a lock; operations of the application wait meanwhile',
      toSeconds,
      5,
    );
}

/** Converts these options from seconds to milliseconds, and to the names that the library uses. */
export function inMilliseconds({ lockTimeout, ddlWait }: Pick<LeaseOptions, 'lockTimeout' | 'ddlWait'>) {
  return { lockTimeout: lockTimeout * 1000, ddlWait: ddlWait * 1000 };
}

export function toSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('Give a number of seconds, from 0 to 86400.');
}

/** Parses a duration such as `7d` or `12h`. Returns seconds. */
export function toSpan(text: string): number {
  const seconds = secondsOf(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError('Give days, hours, minutes or seconds: 7d, 12h, 30m, 60s.');
}

export function toCount(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Give a whole number of at least 1.');
}

/** Parses a number of milliseconds, from 0 to a day. */
export function toMilliseconds(text: string): number {
  const milliseconds = Number(text);
  if (text.trim() !== '' && Number.isInteger(milliseconds) && milliseconds >= 0 && milliseconds <= 86_400_000)
    return milliseconds;
  throw new InvalidArgumentError('Give a whole number of milliseconds, at least 0.');
}

/** Parses a web address. Removes a `/` at its end. */
export function toAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/[/)]+$/, '');
  throw new InvalidArgumentError('Give a web address: https://github.com/OWNER/REPOSITORY/blob/COMMIT/migrations.');
}

/** Parses a size such as `500M` or `20G`. Returns bytes. */
export function toBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(digits) * 1024 ** ' KMGT'.indexOf(unit.toUpperCase() || ' ');
  if (bytes > 0) return bytes;
  throw new InvalidArgumentError('Give a size: 500M, 20G.');
}

export function toPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('Give a port: a whole number from 1 to 65535.');
}

/** Collects the values of an option that may be given more than once. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
