import path from 'node:path';

/** A path for a message: what does not print is shown escaped. */
export function shown(file: string): string {
  const name = path.normalize(file);
  return /^[\w./~+=@:,%-]+$/.test(name) ? name : JSON.stringify(name);
}
