import { z } from 'zod';

// zod's own rules differ from the server's. Each function here accepts the same values as a validator with the same bounds.

/** The server counts code points; JavaScript, and so zod's min and max, counts UTF-16 units: two for an emoji. */
export function text(min: number, max: number) {
  return z.string().refine(
    (value) => {
      const length = Array.from(value).length;
      return length >= min && length <= max;
    },
    { error: `must have ${min} to ${max} characters` },
  );
}

/** The server rounds to 15 digits before it checks multipleOf. zod's multipleOf(1) treats 5e-324 as whole. */
export function whole(min: number, max: number) {
  return z
    .number()
    .min(min)
    .max(max)
    .refine((value) => Number.isInteger(Number(value.toPrecision(15))), { error: 'must be a whole number' });
}

export const count = whole(0, Number.MAX_SAFE_INTEGER);

/** All numbers have both bounds. If a bound were missing, the server would accept an infinite number, which zod never does. */
export function between(min: number, max: number) {
  return z.number().min(min).max(max);
}

/** A share, from 0 (none) to 1 (all). */
export const share = between(0, 1);

/** A sentiment score, from -1 (negative) to 1 (positive). */
export const sentimentScore = between(-1, 1);

export const date = z.date();

export const url = text(0, 2048).regex(/^https?:\/\/[^ \t\r\n]+$/);

export const ipAddress = text(0, 45).regex(/^[0-9A-Fa-f:.]+$/);

/** A list without duplicates. */
export function distinct<Item extends z.ZodType<string>>(item: Item, min: number, max: number) {
  return z
    .array(item)
    .min(min)
    .max(max)
    .refine((values) => new Set(values).size === values.length, { error: 'must not repeat a value' });
}
