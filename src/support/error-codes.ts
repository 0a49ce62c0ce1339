/** What an error code means. */
export interface CodeMeaning {
  /** The exit code of the command line. */
  readonly exitCode: 1 | 3 | 4 | 64;
  /** What went wrong, and the state after the error. */
  readonly means: string;
  /** What to do about the error. */
  readonly fix: string;
}

/**
 * Every code that an error can have, with its exit code. docs/errors.md is generated from this list. Programs compare codes,
 * so codes may be added but never renamed.
 */
export const errorCodes = {
  USAGE: {
    exitCode: 64,
    means: 'The command line, the environment or an argument is wrong. Nothing was started, and nothing was changed.',
    fix: 'Correct what the message names. `schema COMMAND --help` lists the options of a command; `.env.example` lists the variables.',
  },
  LOCKED: {
    exitCode: 3,
    means:
      'Another run holds the lease, which is a lock that expires. Or this run lost its own lease: it was paused for too long, lost the connection to the server, or somebody cleared the lease. The history records what this run did before it lost the lease.',
    fix: 'Run again when the other run has ended, or wait longer with `--lock-timeout`. `schema unlock` names the holder. If the holder no longer runs, `schema unlock --force` clears the lease.',
  },
  DATA_IN_USE: {
    exitCode: 3,
    means: 'Another process uses the data of the embedded server, or ended without removing its lock.',
    fix: 'End the process that the message names, or wait for it. `npm run db` starts one embedded server that several commands can share.',
  },
  HISTORY: {
    exitCode: 4,
    means:
      'The recorded history does not match the files of the migrations: a migration was edited, is missing, has an older name than applied ones, or was half rolled back. Or a row of the changelog names no migration, or a restore did not finish. Nothing was changed.',
    fix: 'The message names each migration, and the fix for it: restore its text, `schema redo` if it is not merged yet, `schema accept`, `schema deploy --resume`, or `schema restore`.',
  },
  CONFLICT: {
    exitCode: 1,
    means: 'The database differs from what the migration expects to find. Nothing was changed.',
    fix: 'The message shows what was found, what was expected, and the mongosh commands that correct it. Often somebody changed the database by hand: `schema drift` lists all differences.',
  },
  PREFLIGHT: {
    exitCode: 1,
    means:
      'Existing documents would make a pending migration fail. Or a pending migration would delete documents or values of fields, and --allow-data-loss does not name it. Nothing was changed.',
    fix: 'Correct the documents that the message names, often with a `backfill` in an earlier migration, or change the migration. To allow the deletion, use `--allow-data-loss MIGRATION`. `schema plan` shows the same findings without changing anything.',
  },
  DATA_LOSS: {
    exitCode: 1,
    means:
      'A step would delete documents (by a drop or a TTL) or values of fields, and --allow-data-loss does not name the migration. Nothing was deleted. `deploy` usually finds this before it begins, and then ends with PREFLIGHT.',
    fix: 'Keep the documents, or allow the deletion: name the migration in `--allow-data-loss MIGRATION` or in SCHEMA_ALLOW_DATA_LOSS.',
  },
  DUPLICATES: {
    exitCode: 1,
    means: 'An index cannot become unique, because several documents have the same key.',
    fix: 'Merge or remove the documents that the message names, often with a `backfill` in an earlier migration, and run again.',
  },
  VIOLATORS: {
    exitCode: 1,
    means: 'A new validator would refuse existing documents. The collection has its previous validator.',
    fix: 'Correct the documents that the message names, often with a `backfill` in an earlier migration, and run again.',
  },
  NOT_DONE: {
    exitCode: 1,
    means: 'A data step ended, but its own check says that its work is not done.',
    fix: 'After a `backfill`, no document may still need the update. Often the filter must be changed so that it excludes updated documents. After a `run` step, `isDone` must return true.',
  },
  NOT_REPEATABLE: {
    exitCode: 1,
    means:
      'The update of a data step is not idempotent (if it ran twice, it would change the same documents twice), or the tool cannot determine whether it is idempotent. The step was not run, because a batch may be sent twice, and a step may start again. `deploy` usually finds this before it begins, and then ends with PREFLIGHT.',
    fix: 'Write a filter that excludes updated documents, compute the new value from other fields, or set `once: true`, which needs a replica set.',
  },
  BLOCKED: {
    exitCode: 1,
    means: 'A command tried several times to lock a collection, but another operation held the lock each time.',
    fix: 'End the long transaction or operation that `db.currentOp()` shows, and run again.',
  },
  DRIFT: {
    exitCode: 1,
    means:
      'The migrations were applied, but the database differs from the schema that they describe, because something else changed the database.',
    fix: '`schema drift` lists the differences, and the commands that correct them.',
  },
  IRREVERSIBLE: {
    exitCode: 1,
    means: 'A migration has a step that cannot be undone. Nothing was changed.',
    fix: 'Write a new migration that changes the schema back, or restore a backup. If the migration failed halfway, correct what made it fail, and run `schema deploy` again.',
  },
  MIGRATION: {
    exitCode: 1,
    means:
      'A migration cannot be used. It cannot be loaded, has no changes, or has a wrong name. Or its changes depend on more than its text (for example, on the clock), or one of its verbs (a function such as `createIndexes`) has an argument that MongoDB would refuse. Nothing was changed.',
    fix: 'Correct the migration that the message names.',
  },
  FOLD: {
    exitCode: 1,
    means:
      'A migration contradicts the earlier ones. For example, it adds an index to a collection that no earlier migration creates.',
    fix: 'Correct the migration that the message names. `schema lint` checks all migrations without a server.',
  },
  SNAPSHOT: {
    exitCode: 1,
    means:
      'A frozen migration (one that is recorded in `frozen.json`) was changed or removed, or it has the frozen text but makes other changes on this machine. The migration may already be applied to a database.',
    fix: 'Restore the migration, and write a new one. If it was applied only on your own machine, you can run `schema snapshot --amend MIGRATION` instead. If its changes depend on the clock, random numbers, the time zone or the environment, see `schema lint --explain SM027`.',
  },
  MODELS: {
    exitCode: 1,
    means:
      'A validator has a construct that the generator cannot express as a JSON Schema, a model in Python or a type in TypeScript. Nothing was written, so generated files may be out of date.',
    fix: 'The message names the collection, the place in the validator, and the keyword. Write the validator with constructs that the generator knows, or add the construct to the generator: src/review/export, src/review/python and python/src.',
  },
  FOREIGN_DATABASE: {
    exitCode: 1,
    means:
      'The database has collections but no changelog, so it may be the wrong database. Or the collection that should be the changelog contains documents of an application. Nothing was changed.',
    fix: 'Check MONGODB_URL and MONGODB_DATABASE. If it is the right database, `schema baseline` marks as applied the migrations whose changes the database already has. If an application uses the collection `changelog`, set MONGODB_CHANGELOG to another collection for the migrations.',
  },
  NOT_ALLOWED: {
    exitCode: 1,
    means: 'The user of the connection lacks a privilege.',
    fix: 'Grant the privilege that the message names. docs/docker.md lists the users that the commands need, and docker/mongo-init.js grants the privileges of these users.',
  },
  SERVER: {
    exitCode: 1,
    means: 'The server refused a command. The message contains the reason that the server gave.',
    fix: 'The name in parentheses is an error code of MongoDB. Look it up in the MongoDB manual. Earlier changes of the run are kept. Run again to do the rest.',
  },
  UNSUPPORTED_SERVER: {
    exitCode: 1,
    means: 'This tool was not tested with this kind of server, such as a sharded cluster.',
    fix: 'Use a replica set or a standalone server. To allow a sharded cluster, set SCHEMA_ALLOW_SHARDED=1.',
  },
  HOST_NOT_FOUND: {
    exitCode: 1,
    means: 'The host name in the connection string cannot be resolved.',
    fix: 'Correct the host in MONGODB_URL. Between containers, use the name of the service as the host.',
  },
  CONNECTION_REFUSED: {
    exitCode: 1,
    means: 'No server listens on the host and port of the connection string.',
    fix: 'Start the server, or correct host and port in MONGODB_URL. Inside a container, localhost means the container itself.',
  },
  NO_ANSWER: {
    exitCode: 1,
    means:
      'The host does not answer, often because a firewall drops the packets. Or the server did not answer a read within 45 s: in that case, the message names the read.',
    fix: 'Open the port in the firewall. On Atlas, add the address of this machine to the IP access list. If a read got no answer, run again. `socketTimeoutMS` in MONGODB_URL sets another limit for reads.',
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
    means: 'The connection string names a replica set, but the server belongs to another one, or to none.',
    fix: 'Correct replicaSet in MONGODB_URL.',
  },
  NO_PRIMARY: {
    exitCode: 1,
    means: 'The replica set has no primary, so nothing can be written.',
    fix: 'Wait until the members have elected a primary. If they elect none, a majority of the members is down.',
  },
  CONNECTION_FAILED: {
    exitCode: 1,
    means: 'The connection failed or was lost for a reason that has no code of its own.',
    fix: 'The message contains the error of the driver.',
  },
  SERVER_DIED: {
    exitCode: 1,
    means:
      'The server crashed twice while it ran the same command. Each time, the connection was lost before the server answered, and afterwards the server had restarted, or another member was primary. The command was not sent a third time.',
    fix: 'The log of mongod says why the server crashed. Remove the step from the migration, or update the server. If you run again, the command is sent again.',
  },
  CONNECTED_ELSEWHERE: {
    exitCode: 1,
    means: 'The process is already connected to another database, or with other options.',
    fix: 'Call `close()` first. A process has one connection.',
  },
  NOT_CONNECTED: {
    exitCode: 1,
    means: 'There is no connection yet, or it was closed.',
    fix: 'When the application starts, await `connect()` before you call `db()`.',
  },
  NO_SERVER: {
    exitCode: 1,
    means:
      'No mongod was found for the embedded server, the mongod did not start, or the server was not ready in time.',
    fix: 'Set MONGODB_URL to a running server, or install mongod 7.0. The message lists what was tried.',
  },
  PORT_TAKEN: {
    exitCode: 1,
    means: 'Another program listens on the port.',
    fix: 'End that program, or choose another port.',
  },
  DAMAGED: {
    exitCode: 1,
    means: 'The file is not a complete backup. Nothing was changed.',
    fix: 'Use another backup, or copy the file again from its original place.',
  },
  BACKUP: {
    exitCode: 1,
    means:
      'A backup, its verification or a restore failed. The message says in what state the database and the folder are.',
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
      'The run was stopped by a signal, or by the program that started the run. The history records what was done before. If the server has not answered a write, the server may still execute that write. In this case, the message names the write, the lease is not released, and the message says when the lease expires.',
    fix: 'Run again to do the rest. If the message names a time when the lease expires, wait until then.',
  },
  FAILED: {
    exitCode: 1,
    means: 'Any other error, such as an error that a data step has thrown.',
    fix: 'The message says what happened. If you run again, the run does only what is not done yet.',
  },
} as const satisfies Readonly<Record<string, CodeMeaning>>;

/** The code of an error. Programs compare codes. */
export type ErrorCode = keyof typeof errorCodes;

/** Returns the code of a thrown value: `FAILED` if the value is not a `SchemaError`, regardless of its `code`. */
export function errorCodeOf(error: unknown): ErrorCode {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === 'SchemaError' && typeof code === 'string' && Object.hasOwn(errorCodes, code)
    ? (code as ErrorCode)
    : 'FAILED';
}
