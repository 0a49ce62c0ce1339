/* global db, print */
/**
 * Creates the roles and users of the database. The migrations create its schema. mongosh runs this file
 *
 * - in the image, if the volume is new, because the file is in /docker-entrypoint-initdb.d;
 * - by hand, to update roles and passwords: docs/docker.md has the command.
 *
 * You can safely run the file again. Users are stored in the database itself, so a connection string needs no authSource:
 * mongodb://migrator@host/sentimatrix_studio.
 *
 * Environment variables:
 *   MONGO_INITDB_DATABASE                                      the database (default: sentimatrix_studio)
 *   APPLICATION_PASSWORD_FILE, MIGRATOR_PASSWORD_FILE, …       the file with the password of each user (all are required)
 *   MONGO_INITDB_ROOT_USERNAME, MONGO_INITDB_ROOT_PASSWORD[_FILE]  the user to log in as (default: the user of mongosh)
 */
const { readFileSync } = require('fs');

const { env } = process;
const database = env.MONGO_INITDB_DATABASE || 'sentimatrix_studio';

/** The collections that the migrations create. A test compares this list with the migrations. */
const collections = [
  'api_keys',
  'audit_logs',
  'presets',
  'projects',
  'refresh_tokens',
  'results',
  'schedules',
  'scrape_jobs',
  'targets',
  'users',
  'webhook_deliveries',
  'webhooks',
];

const on = (collection, ...actions) => ({ resource: { db: database, collection }, actions });
const onEach = (...actions) => collections.map((name) => on(name, ...actions));
/** A privilege on the whole database cannot be revoked for one collection. So use this only for reading, except for the role restore. */
const onAll = (...actions) => on('', ...actions);

const readAndWrite = ['find', 'insert', 'update', 'remove'];
/** Before a collection is dropped, it is renamed to this name. If it must not be dropped, it is renamed back. */
const onEachSetAside = (...actions) => collections.map((name) => on(`dropped_${name}`, ...actions));
const ddl = ['createCollection', 'createIndex', 'dropIndex', 'collMod', 'listIndexes'];

/** The roles, each with the minimum of privileges. */
const roles = {
  /** The role of the application, which may not read or write the history of the schema. */
  application: { privileges: onEach(...readAndWrite) },

  /** Applies migrations and rolls them back. It may add events to the history, but not change or remove them. */
  migrator: {
    privileges: [
      onAll('listCollections'),
      ...onEach(...readAndWrite, ...ddl, 'dropCollection', 'collStats', 'indexStats'),
      // A rename needs insert and createIndex on the new name, and find and dropCollection on the old name.
      ...onEachSetAside('find', 'insert', 'createIndex', 'dropCollection'),
      on('changelog', ...readAndWrite, 'createIndex'),
      on('schema_history', 'find', 'insert', 'createIndex'),
      on('schema_lock', 'find', 'insert', 'update'),
      on('schema_checkpoints', ...readAndWrite),
    ],
  },

  /** Reads everything: status, plan, drift, health, index usage. `clusterMonitor` is for the whole server. */
  monitor: { inherited: ['read'], elsewhere: [{ role: 'clusterMonitor', db: 'admin' }] },

  /** Dumps only this database. */
  backup: { inherited: ['read'] },

  /**
   * Replaces this database with a dump. A dump may contain collections that the list above lacks, so the privileges are on the whole
   * database: this role can replace everything, including the history.
   */
  restore: {
    privileges: [
      onAll('listCollections', 'dbStats', ...readAndWrite, ...ddl, 'dropCollection', 'bypassDocumentValidation'),
    ],
  },

  /** No user has this role. Grant it only while somebody searches for slow queries. */
  profiler: { privileges: [onAll('enableProfiler', 'dbStats'), on('system.profile', 'find', 'collStats')] },

  /** For mongo-express: the privileges of the application, and reading everything else. */
  explorer: { privileges: onEach('insert', 'update', 'remove'), inherited: ['read'] },
};

const withUser = Object.keys(roles).filter((name) => name !== 'profiler');

/** Returns the password of each user. Reports all problems together, before anything is changed. */
function readPasswords() {
  const problems = [];
  const passwords = {};
  for (const user of withUser) {
    const variable = `${user.toUpperCase()}_PASSWORD_FILE`;
    try {
      if (!env[variable]) throw new Error('is not set');
      passwords[user] = readFileSync(env[variable], 'utf8').replace(/\r?\n$/, '');
      if (passwords[user] === '') throw new Error(`names an empty file: ${env[variable]}`);
    } catch (error) {
      problems.push(
        `  ${variable} ${error.code ? `names a file that cannot be read: ${error.message}` : error.message}`,
      );
    }
  }
  if (problems.length > 0) throw new Error(`Nothing was changed.\n${problems.join('\n')}`);
  return passwords;
}

function logIn() {
  const { MONGO_INITDB_ROOT_USERNAME: user, MONGO_INITDB_ROOT_PASSWORD: password } = env;
  const file = env.MONGO_INITDB_ROOT_PASSWORD_FILE;
  const secret = password || (file && readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
  if (user && secret) db.getSiblingDB('admin').auth(user, secret);
}

function main() {
  const passwords = readPasswords();
  logIn();
  const target = db.getSiblingDB(database);
  for (const [name, { privileges = [], inherited = [] }] of Object.entries(roles)) {
    const command = target.getRole(name) ? 'updateRole' : 'createRole';
    target.runCommand({ [command]: name, privileges, roles: inherited });
  }
  for (const user of withUser) {
    const command = target.getUser(user) ? 'updateUser' : 'createUser';
    const granted = [{ role: user, db: database }, ...(roles[user].elsewhere || [])];
    target.runCommand({ [command]: user, pwd: passwords[user], roles: granted });
  }
  print(`${database}: ${Object.keys(roles).length} roles, ${withUser.length} users: ${withUser.join(', ')}`);
}

main();
