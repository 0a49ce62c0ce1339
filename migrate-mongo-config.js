// From wherever it is started, and wherever the migrations are: the settings are those of this folder.
require('./scripts/quick-start.js');
module.exports = require('./migrate-mongo-config.ts').default;
