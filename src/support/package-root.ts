import { existsSync } from 'node:fs';
import path from 'node:path';
import { SchemaError } from './schema-error';

/**
 * Returns the root folder of the checkout or the installed package: the nearest folder above this file with a package.json.
 * @throws error with code `NO_SERVER` when there is no such folder
 */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) {
      throw new SchemaError('NO_SERVER', 'Cannot find the package of this program', {
        why: `no folder above ${__dirname} has a package.json`,
        fix: 'run the program from a checkout, or install its package',
      });
    }
    folder = parent;
  }
  return folder;
}

/** Returns the path of a script that installs a MongoDB program. */
export function ownScript(name: `install_${string}.sh`): string {
  return path.join(packageRoot(), 'scripts', name);
}

/** Returns the path of the script as a person would type it. */
export function shownScript(name: `install_${string}.sh`): string {
  return path.relative(process.cwd(), ownScript(name));
}
