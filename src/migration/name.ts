import path from 'node:path';

/** Returns the name of a migration file in the changelog. Compiled code keeps the name of its source. */
export function migrationName(fileName: string): string {
  return path.basename(fileName).replace(/\.js$/, '.ts');
}
