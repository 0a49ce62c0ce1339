import path from 'node:path';
import type { ExportNames } from '../review';
import { packageRoot } from '../support/package-root';
import type { Context } from './context';

/** Returns the names of the types in other languages, and the folder of the Python package. */
export function languagesOf({ product }: Pick<Context, 'product'>): ExportNames {
  const python = path.join(packageRoot(), product.python);
  return { typeName: product.typeName, urn: product.applicationName, python };
}
