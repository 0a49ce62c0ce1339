import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The ways in which a test may see the product's own migrations. */
const product = [
  'test/support/product.ts',
  // Copies them with the rest of the project.
  'test/cli/project-copy.ts',
  // Runs the command line on the folders that it works on unless others are named.
  'test/cli/command-line.ts',
];
/** A path to what a new migration changes. */
const pathOfTheProduct = /projectFolder, '(?:migrations|schema|docker)'/;

/**
 * The quick tests of a checkout that see the product's own migrations, by what they and their helpers import.
 * @throws Error when what they would import is elsewhere: none of them would be found
 */
export function testsOfTheProduct(folder: string): string[] {
  const gone = product.filter((name) => !existsSync(path.join(folder, name)));
  if (gone.length > 0) throw new Error(`There is no ${gone.join(', ')}: name here where it is now.`);
  const names = readdirSync(path.join(folder, 'test'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.test.ts') && !name.endsWith('.deep.test.ts'))
    .map((name) => path.posix.join('test', name.replaceAll(path.sep, '/')))
    .filter((name) => seesTheProduct(folder, name))
    .sort();
}

function seesTheProduct(folder: string, test: string): boolean {
  const files = new Set([test]);
  // A set that grows while it is gone through is gone through to its new end.
  for (const file of files) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    if (product.includes(file) || pathOfTheProduct.test(text)) return true;
    for (const imported of importsOf(folder, file, text)) files.add(imported);
  }
  return false;
}

/** The files below test/ that a file imports. */
function importsOf(folder: string, file: string, text: string): string[] {
  return ts
    .preProcessFile(text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => path.posix.join(path.posix.dirname(file), `${fileName}.ts`))
    .filter((name) => name.startsWith('test/') && existsSync(path.join(folder, name)));
}
