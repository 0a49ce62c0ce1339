import type { WrittenFile } from '../author';
import type { KnownQuery } from '../indexes';
import type { Relation } from '../review';
import type { Verb } from './verbs';

/** What the command line needs to know about the product that owns the schema. */
export interface Product {
  /** The name of the product that people see. */
  readonly title: string;
  /** The application name that the server's log and `currentOp` show. */
  readonly applicationName: string;
  /** The database to use when neither MONGODB_DATABASE nor the URL names one. */
  readonly defaultDatabase: string;
  /** The container in docker/docker-compose.yml that runs the database. */
  readonly container: string;
  /** The references between documents. */
  readonly relations: readonly Relation[];
  /** The queries that its applications send. */
  readonly queries: readonly KnownQuery[];
  /** Returns the name of the type for one document of a collection, in each language: `users` → `User`. */
  readonly typeName: (collection: string) => string;
  /** The folder of the Python package, relative to the tool's folder. models.py is generated there, beside the code that the models use. */
  readonly python: string;
  /** Returns the files that a new collection needs besides its migration, in the folder of the project. */
  readonly filesOfCollection: (root: string, collection: string) => readonly WrittenFile[];
  /** Returns the paths of the files that list or fill the fields of a collection. */
  readonly filesOfFields: (root: string, collection: string) => readonly string[];
  /** Returns the files that list the collections and views of the database, with one name added. */
  readonly filesOfName: (root: string, name: string) => readonly WrittenFile[];
  /** The product's own verbs. */
  readonly verbs: readonly Verb[];
}
