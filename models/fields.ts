import { z } from 'zod';

// Zod's own rules differ from the server's. Each of these accepts the same values as a validator with the same bounds.

/** A text. The server counts code points. JavaScript, and so zod's min and max, counts UTF-16 units: two for an emoji. */
export function text(min: number, max: number) {
  return z.string().refine(
    (value) => {
      const length = Array.from(value).length;
      return length >= min && length <= max;
    },
    { error: `must have ${min} to ${max} characters` },
  );
}

/** A whole number. The server compares the remainder with 15 digits; zod's multipleOf(1) accepts 5e-324 as whole. */
export function whole(min: number, max: number) {
  return z
    .number()
    .min(min)
    .max(max)
    .refine((value) => Number.isInteger(Number(value.toPrecision(15))), { error: 'must be a whole number' });
}

export const count = whole(0, Number.MAX_SAFE_INTEGER);

/** A number with both bounds. Without one of them the server would accept an infinite number, but zod never does. */
export function between(min: number, max: number) {
  return z.number().min(min).max(max);
}

/** A share from 0 to 1. */
export const share = between(0, 1);

/** A score from -1 (all negative) to 1 (all positive). */
export const sentimentScore = between(-1, 1);

export const date = z.date();

export const url = text(0, 2048).regex(/^https?:\/\/[^ \t\r\n]+$/);

export const ipAddress = text(0, 45).regex(/^[0-9A-Fa-f:.]+$/);

/** A list without repeated values. */
export function distinct<Item extends z.ZodType<string>>(item: Item, min: number, max: number) {
  return z
    .array(item)
    .min(min)
    .max(max)
    .refine((values) => new Set(values).size === values.length, { error: 'must not repeat a value' });
}
