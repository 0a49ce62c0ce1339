/** What a code stands for. */
export interface CodeMeaning {
  /** What the command line ends with. */
  readonly exitCode: 1 | 3 | 4 | 64;
  /** What went wrong, and what state that leaves behind. */
  readonly means: string;
  /** What to do about it. */
  readonly fix: string;
}

/**
 * Every code that an error can have: the one list. docs/errors.md is generated from it, and the command line's exit codes
 * stand in it. Codes are promised to those who match them: a code may be added, and keeps its name.
 */
export const errorCodes = {
  USAGE: {
    exitCode: 64,
    means: 'The command line, the environment or an argument is wrong. Nothing was started, and nothing was changed.',
    fix: 'Correct what the message names. `schema VERB --help` lists the options of a verb; `.env.example` lists the variables.',
  },
  LOCKED: {
    exitCode: 3,
    means:
      'Another run holds the lease, or this run lost its own: it was paused for too long, was cut off from the server, or somebody cleared the lease. What this run did until then is recorded.',
    fix: 'Run again when the other run has ended, or wait longer with `--lock-timeout`. `schema unlock` names the holder, and clears a lease whose holder is gone.',
  },
  DATA_IN_USE: {
    exitCode: 3,
    means: 'Another process uses the data of the embedded server, or has left its lock behind.',
    fix: 'End the process that the message names, or wait for it. `npm run db` starts one embedded server that several commands can share.',
  },
  HISTORY: {
    exitCode: 4,
    means:
      'The recorded history and the files of the migrations contradict each other: a migration was edited, is missing, came late, or was half rolled back; or a row of the changelog names no migration; or a restore did not finish. Nothing was changed.',
    fix: 'The message names each migration and the command that helps: restore its text, `schema redo` while it is merged nowhere, `schema accept`, `schema deploy --resume`, or `schema restore`.',
  },
  CONFLICT: {
    exitCode: 1,
    means: 'The database holds something else than what the migration expects to find there. Nothing was changed.',
    fix: 'The message shows what is there, what was expected, and the mongosh commands that put it right. Often somebody changed the database by hand: `schema drift` lists all differences.',
  },
  PREFLIGHT: {
    exitCode: 1,
    means:
      'Documents that are there now would make a pending migration fail, or a pending migration would delete documents or values of fields, and nobody allowed it by name. Nothing was changed.',
    fix: 'Correct the documents that the message names, often with a `backfill` in an earlier migration, or change the migration. To delete what it names: `--allow-data-loss MIGRATION`. `schema plan` shows what is found without changing anything.',
  },
  DATA_LOSS: {
    exitCode: 1,
    means:
      'A step would delete documents (by a drop or a TTL) or values of fields, and the migration was not named in --allow-data-loss. Nothing was deleted. `deploy` finds most of these before it begins, and ends with PREFLIGHT.',
    fix: 'Keep the documents, or name the migration: `--allow-data-loss MIGRATION`, or SCHEMA_ALLOW_DATA_LOSS.',
  },
  DUPLICATES: {
    exitCode: 1,
    means: 'An index cannot become unique, because documents share a key.',
    fix: 'Merge or remove the documents that the message names, often with a `backfill` in an earlier migration, and run again.',
  },
  VIOLATORS: {
    exitCode: 1,
    means: 'A new validator would refuse documents that are there. The validator that was there before is in place.',
    fix: 'Correct the documents that the message names, often with a `backfill` in an earlier migration, and run again.',
  },
  NOT_DONE: {
    exitCode: 1,
    means: 'A data step ran to its end, and its own check says that there is still something to do.',
    fix: 'An update must lead documents to where nothing is left to do for it; what `run` does must make its `isDone` true.',
  },
  NOT_REPEATABLE: {
    exitCode: 1,
    means:
      'The update of a data step is not idempotent: run twice, it changes the same documents twice. Or it cannot be determined whether it is. A batch may be sent twice, and a walk may begin anew, so the step was not run. `deploy` finds most of these before it begins, and ends with PREFLIGHT.',
    fix: 'Write a filter that leaves out what the update has changed, compute the new value from other fields, or set `once: true`, which takes a replica set.',
  },
  BLOCKED: {
    exitCode: 1,
    means: 'A command tried several times to lock a collection, but another operation held the lock each time.',
    fix: 'End the long transaction or operation that `db.currentOp()` shows, and run again.',
  },
  DRIFT: {
    exitCode: 1,
    means: 'The migrations were applied, and the database is not what they lead to, because something else changed it.',
    fix: '`schema drift` lists the differences and the commands that remove them.',
  },
  IRREVERSIBLE: {
    exitCode: 1,
    means: 'A migration has a step that cannot be undone. Nothing was changed.',
    fix: 'Write a new migration that leads to the wanted schema, or restore a backup. If the migration failed halfway, correct what made it fail, and run `schema deploy` again.',
  },
  MIGRATION: {
    exitCode: 1,
    means:
      'A migration cannot be used: it cannot be loaded, does nothing, its name does not fit, its changes depend on more than its text, or a verb in it was given something that MongoDB would refuse. Nothing was changed.',
    fix: 'Correct the migration that the message names.',
  },
  FOLD: {
    exitCode: 1,
    means: 'A migration does not fit the ones before it, such as an index on a collection that none of them creates.',
    fix: 'Correct the migration that the message names. `schema lint` checks all of them without a server.',
  },
  SNAPSHOT: {
    exitCode: 1,
    means:
      'A migration that is frozen was altered or removed, or has the frozen text and makes other changes here. It may have been applied somewhere.',
    fix: 'Put it back and write a new migration. If it was applied on your own machine only: `schema snapshot --amend MIGRATION`. Changes that depend on the clock, chance, the time zone or the environment: `schema lint --explain SM027`.',
  },
  MODELS: {
    exitCode: 1,
    means:
      'A validator has a construct that cannot be told in another language: in a JSON Schema, a model in Python or a type in TypeScript. Nothing was written, so generated files may be out of date.',
    fix: 'The message names the collection, the place and the keyword. Write the validator with what the generator knows, or teach it the construct: src/review/export, src/review/python and python/src.',
  },
  FOREIGN_DATABASE: {
    exitCode: 1,
    means:
      'The database holds collections and no changelog, so it may be the wrong one; or an application keeps something else in the collection that should be the changelog. Nothing was changed.',
    fix: 'Check MONGODB_URL and MONGODB_DATABASE. If it is the right database, `schema baseline` marks what it has already as applied. If an application keeps a collection `changelog`, MONGODB_CHANGELOG names another one for the migrations.',
  },
  NOT_ALLOWED: {
    exitCode: 1,
    means: 'The user of the connection lacks a privilege.',
    fix: 'Grant the privilege that the message names. docs/docker.md says which users the verbs need, and docker/mongo-init.js grants their privileges.',
  },
  SERVER: {
    exitCode: 1,
    means: 'The server refused a command for a reason of its own, which the message repeats.',
    fix: 'The name in parentheses is an error code of MongoDB, which its manual explains. What was done before is kept; run again to do the rest.',
  },
  UNSUPPORTED_SERVER: {
    exitCode: 1,
    means: 'The server is of a kind on which nothing here was tested, such as a sharded cluster.',
    fix: 'Use a replica set or a standalone server, or allow a sharded cluster with SCHEMA_ALLOW_SHARDED=1.',
  },
  HOST_NOT_FOUND: {
    exitCode: 1,
    means: 'The host of the connection string has no address.',
    fix: 'Correct the host in MONGODB_URL. Between containers, the host is the name of the service.',
  },
  CONNECTION_REFUSED: {
    exitCode: 1,
    means: 'Nothing listens on the host and port of the connection string.',
    fix: 'Start the server, or correct host and port in MONGODB_URL. Inside a container, localhost is the container itself.',
  },
  NO_ANSWER: {
    exitCode: 1,
    means:
      'The host does not answer: often a firewall drops the packets. Or the host was reached, but one read got no answer within 45 s; the message then names that read.',
    fix: 'Open the port in the firewall. On Atlas, add the address of this machine to the IP access list. Run a read again; `socketTimeoutMS` in MONGODB_URL sets another limit for it.',
  },
  AUTHENTICATION_FAILED: {
    exitCode: 1,
    means: 'The server refuses the login.',
    fix: 'Correct user, password and authSource in MONGODB_URL. Special characters in a password must be percent-encoded.',
  },
  TLS_FAILED: {
    exitCode: 1,
    means: 'No encrypted connection could be made.',
    fix: 'Correct the tls options in MONGODB_URL as the message says.',
  },
  WRONG_REPLICA_SET: {
    exitCode: 1,
    means: 'The server belongs to another replica set than the one that the connection string names, or to none.',
    fix: 'Correct replicaSet in MONGODB_URL.',
  },
  NO_PRIMARY: {
    exitCode: 1,
    means: 'The replica set has no primary, so nothing can be written.',
    fix: 'Wait for its election. If that does not end, a majority of its members is down.',
  },
  CONNECTION_FAILED: {
    exitCode: 1,
    means: 'The connection failed, or was lost, for a reason that is not one of the others.',
    fix: 'The message repeats what the driver says.',
  },
  SERVER_DIED: {
    exitCode: 1,
    means:
      'The server died twice under the same command: each time the connection was lost before it was answered, and the server was started anew, or another one was primary, afterwards. It was not sent a third time.',
    fix: 'The log of mongod says why it ended. Leave the step out of the migration, or update the server. Running again sends the command again.',
  },
  CONNECTED_ELSEWHERE: {
    exitCode: 1,
    means: 'The process is connected already, to another database or with other options.',
    fix: 'Call `close()` first. A process has one connection.',
  },
  NOT_CONNECTED: {
    exitCode: 1,
    means: 'There is no connection yet, or it was closed.',
    fix: 'Wait for `connect()` when the application starts, before `db()` is called.',
  },
  NO_SERVER: {
    exitCode: 1,
    means: 'No mongod was found for the embedded server, it did not start, or a server did not become usable in time.',
    fix: 'Set MONGODB_URL to a running server, or install mongod 7.0. The message lists what was tried.',
  },
  PORT_TAKEN: {
    exitCode: 1,
    means: 'Another program listens on the port.',
    fix: 'End that program, or choose another port.',
  },
  DAMAGED: {
    exitCode: 1,
    means: 'A file is not a whole backup. Nothing was changed.',
    fix: 'Use another backup, or copy the file again from where it was stored.',
  },
  BACKUP: {
    exitCode: 1,
    means: 'A backup, its check or a restore failed. The message says what is left in the database and in the folder.',
    fix: 'The message names the command to continue with.',
  },
  PENDING: {
    exitCode: 1,
    means: 'The database lacks migrations that the command needs.',
    fix: 'Run `schema deploy` first.',
  },
  ABORTED: {
    exitCode: 1,
    means:
      'The run was stopped by a signal, or by whoever called it. What was done before is recorded. When the server had not answered a write, it may go on with it: the message names the write, and says when the lease ends, which is not released then.',
    fix: 'Run again to do the rest, after the lease has ended where the message says so.',
  },
  FAILED: {
    exitCode: 1,
    means: 'Anything else, such as an error that was thrown inside a data step.',
    fix: 'The message says what happened. Running again does only what is left to do.',
  },
} as const satisfies Readonly<Record<string, CodeMeaning>>;

/** What callers tell errors apart by. */
export type ErrorCode = keyof typeof errorCodes;

/** The code of whatever was thrown: `FAILED` where it is none of our errors, whatever code it has. */
export function errorCodeOf(error: unknown): ErrorCode {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === 'SchemaError' && typeof code === 'string' && Object.hasOwn(errorCodes, code)
    ? (code as ErrorCode)
    : 'FAILED';
}
