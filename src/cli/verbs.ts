import { createRequire } from 'node:module';
import type { Command } from 'commander';
import type { Context } from './context';

/** A verb of the command line. Its code is loaded when it is asked for: what all verbs import takes most of a short command's time. */
export interface Verb {
  readonly name: string;
  /** One line, for the list of verbs. */
  readonly summary: string;
  /** Loads what adds its arguments, options and action to its command. */
  readonly load: () => Register;
}

export type Register = (program: Command, context: Context) => void;

const requireHere = createRequire(__filename);

/** In the order of the list. Each is the `register` of the file that has its name. */
export const verbs: readonly Verb[] = (
  [
    ['overview', 'show the state at a glance, as no verb does where MONGODB_URL is set'],
    ['new', 'write the file of the next migration'],
    ['watch', 'try the migration that you write, at each save'],
    ['status', 'show every migration and how it stands'],
    ['plan', 'show what a deploy would do now'],
    ['deploy', 'apply what is pending'],
    ['drift', 'show what somebody changed by hand'],
    ['census', 'show what documents really look like'],
    ['diff', 'compare two points of history, or one with the server'],
    ['report', 'write the report of a pull request'],
    ['rollback', 'undo what was applied last'],
    ['redo', 'take the migration that you are working on down and up again'],
    ['reset', 'drop the database, with everything in it'],
    ['history', 'show what happened'],
    ['accept', 'take an edited, missing, late or unknown migration as it is'],
    ['baseline', 'adopt a database that was made by hand'],
    ['unlock', 'show who holds the lease, or clear it'],
    ['lint', 'check migrations against the rules, without a database'],
    ['snapshot', 'freeze new migrations and write the schema they lead to'],
    ['export', 'write the schema as JSON Schema, Pydantic models or types in TypeScript'],
    ['explain', 'show how the server answers the queries of the product'],
    ['indexes', 'show how the indexes are used, and which are not'],
    ['queries', 'show slow queries by their shape, and the index that each would take'],
    ['health', 'answer probes: whether applications can work with the database'],
    ['backup', 'take a backup that is checked, and restored for a trial if asked for'],
    ['restore', 'restore a backup'],
    ['verify-backup', 'restore a backup for a trial'],
    ['db', 'keep an embedded mongod running'],
    ['doctor', 'look at what the other verbs need'],
  ] as const
).map(([name, summary]) => ({
  name,
  summary,
  load: () => (requireHere(`./${name}`) as { readonly register: Register }).register,
}));
