import { existsSync } from 'node:fs';
import path from 'node:path';
import { SchemaError } from './schema-error';

/**
 * The folder of the checkout, or of the installed package: the nearest one above this file that has a package.json.
 * @throws error with code `NO_SERVER` when there is none
 */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) {
      throw new SchemaError('NO_SERVER', 'Cannot find the package that this program belongs to', {
        why: `no folder above ${__dirname} holds a package.json`,
        fix: 'run it from a checkout, or install it',
      });
    }
    folder = parent;
  }
  return folder;
}

/** A script that gets a program of MongoDB where none is installed. */
export function ownScript(name: `install_${string}.sh`): string {
  return path.join(packageRoot(), 'scripts', name);
}

/** The same as a person types it. */
export function shownScript(name: `install_${string}.sh`): string {
  return path.relative(process.cwd(), ownScript(name));
}
