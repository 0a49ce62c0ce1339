import path from 'node:path';
import { shown } from './display-path';
import { isSchemaError } from './schema-error';

/**
 * Returns where in a file an error was thrown: `migrations/20260101000000-users.ts:12`. The path is relative to the current folder if the
 * file is inside this folder. The result has no line number when no stack contains the file.
 */
export function placeOf(error: unknown, file: string): string {
  const relative = path.relative(process.cwd(), file);
  const place = shown(relative.startsWith('..') ? file : relative);
  for (let at = error; at instanceof Error; at = at.cause) {
    const frame = at.stack?.split('\n').find((line) => line.trimStart().startsWith('at ') && line.includes(`${file}:`));
    const line = frame?.slice(frame.indexOf(`${file}:`) + file.length + 1).match(/^\d+/)?.[0];
    if (line !== undefined) return `${place}:${line}`;
  }
  return place;
}

/** Returns the stack lines of an error and of its causes, beginning with the innermost cause. */
export function stacksOf(error: unknown): string[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && !chain.includes(at); at = at.cause) chain.unshift(at);
  return chain.flatMap((one) => {
    const lines = (one.stack ?? String(one)).split('\n');
    // The message of a SchemaError is already printed, and its stack was captured before the message was set.
    if (!isSchemaError(one)) return lines;
    return [`${one.code}: ${one.summary}`, ...lines.filter((line) => /^\s+at /.test(line))];
  });
}
