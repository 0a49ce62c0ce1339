require('ts-node/register');
module.exports = require('./migrate-mongo-config.ts').default;
