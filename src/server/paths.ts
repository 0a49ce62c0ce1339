import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout's root: the nearest folder above this file with a package.json. */
export function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`no package.json above ${__dirname}: src/server must lie inside the checkout`);
    folder = parent;
  }
  return folder;
}

/** Where the embedded servers keep their data, one folder per version. */
export function embeddedRoot(root: string = projectRoot()): string {
  return join(root, '.mongodb');
}
