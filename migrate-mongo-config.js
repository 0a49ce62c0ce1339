// From wherever it is started, and wherever the migrations are: the settings are those of this folder.
require('ts-node').register({ projectSearchDir: __dirname });
module.exports = require('./migrate-mongo-config.ts').default;
