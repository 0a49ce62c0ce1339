import path from 'node:path';

/** The name that the changelog knows a migration file by: compiled code keeps the name of its source. */
export function migrationName(fileName: string): string {
  return path.basename(fileName).replace(/\.js$/, '.ts');
}
