/**
 * Functions that check the types of values from the database. These values may have any shape, since people and other tools also write to
 * the database.
 */

export function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** Returns the value if it is a string, else the default. */
export function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** Returns the value if it is a finite number, else the default. */
export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
