import { createRequire } from 'node:module';
import type { Command } from 'commander';
import type { Context } from './context';

/** A verb of the command line. Its code is loaded only when it is needed: loading all verbs takes most of the time of a short command. */
export interface Verb {
  readonly name: string;
  /** One line, for the list of verbs. */
  readonly summary: string;
  /** Loads the function that adds arguments, options and action to the command. */
  readonly load: () => Register;
}

export type Register = (program: Command, context: Context) => void;

const requireHere = createRequire(__filename);

/** The verbs, in the order in which help lists them. For each verb, the file of the same name exports `register`. */
export const verbs: readonly Verb[] = (
  [
    ['overview', 'show the state of the database in a few lines; the default when MONGODB_URL is set'],
    ['new', 'write the file of the next migration'],
    ['watch', 'test the migration that you are writing, at each save'],
    ['status', 'show every migration and its state'],
    ['plan', 'show what a deploy would do now'],
    ['deploy', 'apply pending migrations'],
    ['drift', 'show what was changed in the database by hand'],
    ['census', 'show what documents really look like'],
    ['diff', 'compare the schemas after two migrations, or one of them with the server'],
    ['report', 'write the report for a pull request'],
    ['rollback', 'roll back the last applied migrations'],
    ['redo', 'roll back the migration that you are working on, and apply it again'],
    ['reset', 'drop the database with everything in it'],
    ['history', 'show all past runs and events'],
    ['accept', 'accept an edited, missing, late or unknown migration'],
    ['baseline', 'adopt a database that was made by hand'],
    ['unlock', 'show who holds the lease, or clear it'],
    ['lint', 'check migrations against the rules, without a database'],
    ['snapshot', 'freeze new migrations and write the resulting schema'],
    ['export', 'write the schema as JSON Schema, Pydantic models or TypeScript types'],
    ['explain', 'show which index each query of the product uses, and how much it reads'],
    ['indexes', 'show how the indexes are used, and which are unused'],
    ['queries', 'show slow queries by their shape, and the index that each needs'],
    ['health', 'serve health checks and metrics'],
    ['backup', 'make a backup and check it; with --verify, also restore it as a test'],
    ['restore', 'restore a backup'],
    ['verify-backup', 'restore a backup as a test'],
    ['db', 'keep an embedded mongod running'],
    ['doctor', 'check what the other verbs need'],
  ] as const
).map(([name, summary]) => ({
  name,
  summary,
  load: () => (requireHere(`./${name}`) as { readonly register: Register }).register,
}));
