import { expect } from 'vitest';
import type { ErrorCode } from '../../src/support/error-codes';

/** The expected contents of an error: its code, and texts in its parts. */
export interface Said {
  readonly code?: ErrorCode;
  readonly summary?: string;
  /** A text that one of its lines must contain. */
  readonly why?: string;
  readonly fix?: string;
  readonly where?: string;
}

/** Matches an error by its parts, for `toThrow` and `toMatchObject`. */
export function errorWith({ code, summary, why, fix, where }: Said): Error {
  const text = (part: string): unknown => expect.stringContaining(part);
  return expect.objectContaining({
    ...(code !== undefined && { code }),
    ...(summary !== undefined && { summary: text(summary) }),
    ...(why !== undefined && { why: expect.arrayContaining([text(why)]) as unknown }),
    ...(fix !== undefined && { fix: text(fix) }),
    ...(where !== undefined && { where: text(where) }),
  }) as Error;
}
