/* global db, rs, quit */
/**
 * The health check of docker-compose.replica.yml: begins the replica set when that has not been done, and ends 0 once this
 * member is its primary.
 */
const { readFileSync } = require('fs');

const { MONGO_INITDB_ROOT_USERNAME: user, MONGO_INITDB_ROOT_PASSWORD_FILE: file } = process.env;
const notYetInitialized = 94;

if (!db.hello().isWritablePrimary) {
  db.getSiblingDB('admin').auth(user, readFileSync(file, 'utf8').trimEnd());
  try {
    rs.status();
  } catch (error) {
    if (error.code !== notYetInitialized) throw error;
    rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongodb:27017' }] });
  }
  quit(1);
}
// While the image makes the users, it runs a server without a replica set that is about to end.
if (!db.hello().setName) quit(1);
