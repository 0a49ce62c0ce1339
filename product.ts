import { createRequire } from 'node:module';
import { application } from './models/application';
import { relations } from './models/relations';
import type * as NewCollection from './models/new-collection/files';
import type * as Names from './models/new-collection/names';
import type * as Queries from './queries';
import type * as SeedVerb from './seeders/command';
import type { Product } from './src/cli/product';

/**
 * The product that this schema belongs to. This file is all that the tool (src/) knows about the product. The models
 * are in models/, the queries in queries.ts, and the test data in seeders/, which only the command line loads.
 */
export const product = {
  title: 'Sentimatrix Studio',
  applicationName: application.appName,
  defaultDatabase: application.defaultDatabase,
  container: 'sentimatrix-mongodb',
  relations,
  get queries() {
    return (createRequire(__filename)('./queries') as typeof Queries).queries;
  },
  typeName: (collection) =>
    (createRequire(__filename)('./models/new-collection/names') as typeof Names).typeNameOf(collection),
  python: 'python/src/sentimatrix_schema',
  filesOfCollection: (root: string, collection: string) =>
    (createRequire(__filename)('./models/new-collection/files') as typeof NewCollection).filesOfCollection(
      root,
      collection,
    ),
  filesOfFields: (root: string, collection: string) =>
    (createRequire(__filename)('./models/new-collection/files') as typeof NewCollection).filesOfFields(
      root,
      collection,
    ),
  filesOfName: (root: string, name: string) =>
    (createRequire(__filename)('./models/new-collection/files') as typeof NewCollection).filesOfName(root, name),
  verbs: [
    {
      name: 'seed',
      summary: 'fill a database with test data, or remove this data',
      load: () => (createRequire(__filename)('./seeders/command') as typeof SeedVerb).register,
    },
  ],
} as const satisfies Product;
