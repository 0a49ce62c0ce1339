import path from 'node:path';
import type { ExportNames } from '../review';
import { packageRoot } from '../support/package-root';
import type { Context } from './context';

/** What names the types in other languages, and where the package in Python is. */
export function languagesOf({ product }: Pick<Context, 'product'>): ExportNames {
  const python = path.join(packageRoot(), product.python);
  return { typeName: product.typeName, urn: product.applicationName, python };
}
