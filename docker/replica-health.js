/* global db, rs, quit */
/**
 * The health check of docker-compose.replica.yml. It initiates the replica set if necessary, and exits with 0 when this
 * member is the primary.
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
// While the image creates the users, it runs a temporary server without a replica set. This server is not healthy.
if (!db.hello().setName) quit(1);
