import type { WrittenFile } from '../author';
import type { KnownQuery } from '../indexes';
import type { Relation } from '../review';
import type { Verb } from './verbs';

/** What the command line has to know about the product whose schema this is. */
export interface Product {
  /** For people. */
  readonly title: string;
  /** What the server's log and `currentOp` call its applications. */
  readonly applicationName: string;
  /** The database where neither MONGODB_DATABASE nor the URL names one. */
  readonly defaultDatabase: string;
  /** The container of docker/docker-compose.yml that serves the database. */
  readonly container: string;
  /** Which document refers to which. */
  readonly relations: readonly Relation[];
  /** What its applications ask the server. */
  readonly queries: readonly KnownQuery[];
  /** What a type is called that holds one document of a collection, in each language: `users` → `User`. */
  readonly typeName: (collection: string) => string;
  /** The folder of the package in Python, from the tool's: models.py is generated there, beside what the models run by. */
  readonly python: string;
  /** The files that a new collection needs beside its migration, in the folder of the project. */
  readonly filesOfCollection: (root: string, collection: string) => readonly WrittenFile[];
  /** The files that say which fields a collection has, or fill them. */
  readonly filesOfFields: (root: string, collection: string) => readonly string[];
  /** The files that list what has a name in the database, with one more. */
  readonly filesOfName: (root: string, name: string) => readonly WrittenFile[];
  /** Its own verbs. */
  readonly verbs: readonly Verb[];
}
