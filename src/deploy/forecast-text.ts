import { count } from '../support/counts';
import type { Forecast } from './forecast';

/** The shortest time that is worth a message, in milliseconds. */
const worthTelling = 5_000;

/** Returns whether the work takes so long that a person should know before it begins. */
export function takesLong({ milliseconds }: Forecast): boolean {
  return milliseconds >= worthTelling;
}

/** Returns `the index build of users (email_1) takes about 4 minutes (2 to 8 minutes), from 3 index builds measured here`. */
export function describeForecast(forecast: Forecast): string {
  const { milliseconds, least, most } = forecast;
  return `${workOf(forecast)} takes about ${rough(milliseconds)} (${range(least, most)}), ${basisOf(forecast)}`;
}

function workOf({ kind, collection, indexes }: Forecast): string {
  if (indexes.length === 0) return `the backfill of ${collection}`;
  return `the ${kind} of ${collection} (${indexes.join(', ')})`;
}

function basisOf({ kind, measured }: Forecast): string {
  if (measured === 0) return 'from conservative rates measured on other machines';
  return `from ${count(measured, kind === 'backfill once' ? 'backfill' : kind)} measured here`;
}

const units = [
  ['day', 86_400, 2],
  ['hour', 3_600, 2],
  ['minute', 60, 2],
  ['second', 1, 1],
] as const;

/** Returns a rounded time in one unit, since a forecast is not more exact: `4 minutes`, `90 minutes`, `2 hours`. */
function rough(milliseconds: number): string {
  const [number, unit] = inUnit(milliseconds);
  return count(number, unit);
}

/** Returns `2 to 8 minutes`, or `40 seconds to 3 minutes`. */
function range(least: number, most: number): string {
  const [[low, unit], [high, other]] = [inUnit(least), inUnit(most)];
  if (unit !== other) return `${count(low, unit)} to ${count(high, other)}`;
  return low === high ? count(high, other) : `${low} to ${count(high, other)}`;
}

function inUnit(milliseconds: number): [number: number, unit: string] {
  const seconds = Math.max(1, milliseconds / 1000);
  const [unit, length] = units.find(([, size, from]) => seconds >= size * from) ?? ['second', 1];
  const number = seconds / length;
  // From 10 on, a number is rounded to a multiple of five. For a smaller number, this would be too inexact.
  return [number < 10 ? Math.round(number) : Math.round(number / 5) * 5, unit];
}
