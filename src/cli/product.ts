import type { WrittenFile } from '../author';
import type { KnownQuery } from '../indexes';
import type { Relation } from '../review';
import type { Verb } from './verbs';

/** What the command line needs to know about the product that owns the schema. */
export interface Product {
  /** The name of the product that people see. */
  readonly title: string;
  /** The application name of a connection, which the server's log and `currentOp` show. */
  readonly applicationName: string;
  /** The database to use when neither MONGODB_DATABASE nor the URL names one. */
  readonly defaultDatabase: string;
  /** The container in docker/docker-compose.yml that runs the database. */
  readonly container: string;
  /** The references between documents. */
  readonly relations: readonly Relation[];
  /** The queries that the product's applications send. */
  readonly queries: readonly KnownQuery[];
  /** Returns the name of the type for one document of a collection, in each language: `users` → `User`. */
  readonly typeName: (collection: string) => string;
  /** The folder of the Python package, relative to the tool's folder. models.py is generated there, next to the code that it imports. */
  readonly python: string;
  /** Returns the files that a new collection needs in addition to its migration, in the project folder `root`. */
  readonly filesOfCollection: (root: string, collection: string) => readonly WrittenFile[];
  /** Returns the paths of the files that list or fill the fields of a collection. */
  readonly filesOfFields: (root: string, collection: string) => readonly string[];
  /** Returns the files that list the collections and views of the database, with `name` added. */
  readonly filesOfName: (root: string, name: string) => readonly WrittenFile[];
  /** The product's own verbs. */
  readonly verbs: readonly Verb[];
}
