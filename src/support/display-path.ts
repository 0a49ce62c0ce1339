import path from 'node:path';

/** Returns a path for a message, with unprintable characters escaped. */
export function shown(file: string): string {
  const name = path.normalize(file);
  return /^[\w./~+=@:,%-]+$/.test(name) ? name : JSON.stringify(name);
}
