import type { Command } from 'commander';
import type { WrittenFile } from '../author';
import type { KnownQuery } from '../indexes';
import type { PythonModels, Relation } from '../review';
import type { Context } from './context';

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
  /** The models in Python, where the product has them. */
  readonly python?: PythonModels;
  /** The files that a new collection needs beside its migration, in the folder of the project. */
  readonly filesOfCollection: (root: string, collection: string) => readonly WrittenFile[];
  /** The files that say which fields a collection has, or fill them. */
  readonly filesOfFields: (root: string, collection: string) => readonly string[];
  /** The files that list what has a name in the database, with one more. */
  readonly filesOfName: (root: string, name: string) => readonly WrittenFile[];
  /** Loads its own verbs: each adds itself to the program. */
  readonly verbs: () => readonly ((program: Command, context: Context) => void)[];
}
