/* global db, print */
/**
 * The roles and users of the database; its schema is made by the migrations. Run by mongosh
 *
 * - in the image, when a volume is new: it lies in /docker-entrypoint-initdb.d;
 * - by hand, to bring roles and passwords up to date: docs/docker.md has the command.
 *
 * Running it again changes what differs and nothing else. Users are kept in the database itself, so a connection string
 * needs no authSource: mongodb://migrator@host/sentimatrix_studio.
 *
 * It reads from the environment
 *   MONGO_INITDB_DATABASE                                      the database; sentimatrix_studio unless set
 *   APPLICATION_PASSWORD_FILE, MIGRATOR_PASSWORD_FILE, …       a file with the password of each user, all of them needed
 *   MONGO_INITDB_ROOT_USERNAME, MONGO_INITDB_ROOT_PASSWORD[_FILE]  whom to log in as; unset: as mongosh was started
 */
const { readFileSync } = require('fs');

const { env } = process;
const database = env.MONGO_INITDB_DATABASE || 'sentimatrix_studio';

/** The collections that migrations make. A test compares them with the migrations. */
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
/** What is granted on the database cannot be taken back for one collection, so only looking is granted that way. */
const onAll = (...actions) => on('', ...actions);

const readAndWrite = ['find', 'insert', 'update', 'remove'];
/** A collection is renamed to this before it is dropped, or back when it must not be. */
const onEachSetAside = (...actions) => collections.map((name) => on(`dropped_${name}`, ...actions));
const ddl = ['createCollection', 'createIndex', 'dropIndex', 'collMod', 'listIndexes'];

/** Each role with the least it needs. */
const roles = {
  /** What the application does. It has no business in the history of the schema. */
  application: { privileges: onEach(...readAndWrite) },

  /** Applies migrations and takes them back. Events of the history are added, never altered or removed. */
  migrator: {
    privileges: [
      onAll('listCollections'),
      ...onEach(...readAndWrite, ...ddl, 'dropCollection', 'collStats', 'indexStats'),
      // A rename needs insert and createIndex where it leads to, find and dropCollection where it comes from.
      ...onEachSetAside('find', 'insert', 'createIndex', 'dropCollection'),
      on('changelog', ...readAndWrite, 'createIndex'),
      on('schema_history', 'find', 'insert', 'createIndex'),
      on('schema_lock', 'find', 'insert', 'update'),
      on('schema_checkpoints', ...readAndWrite),
    ],
  },

  /** Looks at everything: status, plan, drift, health, index usage. `clusterMonitor` is about the server as a whole. */
  monitor: { inherited: ['read'], elsewhere: [{ role: 'clusterMonitor', db: 'admin' }] },

  /** Dumps this database, and no other. */
  backup: { inherited: ['read'] },

  /**
   * Puts a dump in the place of this database. A dump may hold collections of another time, so this goes by no list:
   * whoever restores can replace everything, the history included.
   */
  restore: {
    privileges: [
      onAll('listCollections', 'dbStats', ...readAndWrite, ...ddl, 'dropCollection', 'bypassDocumentValidation'),
    ],
  },

  /** Belongs to no user: granted for as long as somebody looks for slow queries. */
  profiler: { privileges: [onAll('enableProfiler', 'dbStats'), on('system.profile', 'find', 'collStats')] },

  /** mongo-express: the application's rights, and a look at everything else. */
  explorer: { privileges: onEach('insert', 'update', 'remove'), inherited: ['read'] },
};

const withUser = Object.keys(roles).filter((name) => name !== 'profiler');

/** The passwords by user. All problems are told at once, and before anything is changed. */
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
