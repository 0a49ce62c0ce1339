import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ExportNames } from '../review';
import type { Context } from './context';
import { toolFolder } from './folders';

/** What names the types in other languages, and where the package in Python is: beside the sources, or above the compiled code. */
export function languagesOf({ product }: Pick<Context, 'product'>): ExportNames {
  const folders = [toolFolder, path.dirname(toolFolder)].map((folder) => path.join(folder, product.python));
  const python = folders.find((folder) => existsSync(folder)) ?? path.join(toolFolder, product.python);
  return { typeName: product.typeName, urn: product.applicationName, python };
}
