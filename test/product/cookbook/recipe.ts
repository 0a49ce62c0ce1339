import type { Db } from 'mongodb';

/** Something that a person changes in a file by hand; of a migration, the name without its time. */
export interface Edit {
  readonly file: string;
  /** In words, for the page. */
  readonly what: string;
  /** Text that is there → text in its place. */
  readonly replaced: Readonly<Record<string, string>>;
}

/** A usual change of a schema, from the first command to the deployed database. */
export interface Recipe {
  readonly title: string;
  /** When it is the right one, and what one has to know. */
  readonly about: string;
  /** What a person does on a branch, in order: commands are typed as they stand here. */
  readonly does: readonly (string | Edit)[];
  /** How many of these are commands, and how many edits: counted by hand, and stated by the page. */
  readonly commands: number;
  readonly edits: number;
  /** The migrations that the page shows, by their names without the time. */
  readonly shows: readonly string[];
  /** The recipe that is merged and deployed before. */
  readonly after?: Recipe;
  /** Puts documents there that are none too easy. */
  readonly documents: (db: Db) => Promise<unknown>;
  /** The migrations that a deploy has to be allowed to lose documents by. */
  readonly loses?: readonly string[];
  /** Looks at what became of the documents. */
  readonly holds: (db: Db) => Promise<unknown>;
  /** How many migrations a rollback takes back, and those that lose documents then. */
  readonly back: { readonly steps: number; readonly loses?: readonly string[]; readonly why?: string };
}
