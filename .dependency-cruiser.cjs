// The rooms of src/ (its folders), and the rooms that each may import. No room may import src/cli. Only src/index.ts, src/data.ts
// and src/cli/main.ts may import the product.
const below = {
  support: [],
  mongod: ['support'],
  schema: ['support'],
  migration: ['schema', 'support'],
  project: ['migration', 'schema', 'support'],
  database: ['schema', 'support'],
  history: ['project', 'database', 'schema', 'support'],
  execute: ['history', 'project', 'database', 'migration', 'schema', 'support'],
  deploy: ['execute', 'history', 'project', 'database', 'migration', 'schema', 'support'],
  // Shows how the server answers the queries of the product, and how its indexes are used.
  indexes: ['database', 'migration', 'schema', 'mongod', 'support'],
  // Groups slow queries by their shape.
  queries: ['indexes', 'database', 'migration', 'schema', 'support'],
  review: ['deploy', 'history', 'queries', 'indexes', 'project', 'database', 'migration', 'schema', 'support'],
  // Runs the migration that somebody is writing on its own server. So it needs all rooms that run migrations.
  watch: ['review', 'execute', 'project', 'database', 'migration', 'schema', 'mongod', 'support'],
  author: ['review', 'project', 'migration', 'schema', 'support'],
  // Shows what documents really look like.
  census: ['database', 'migration', 'schema', 'support'],
  backup: ['deploy', 'execute', 'history', 'project', 'database', 'schema', 'mongod', 'support'],
  doctor: ['backup', 'review', 'database', 'schema', 'support'],
  health: ['history', 'project', 'database', 'migration', 'schema', 'support'],
  // Collects the numbers for Prometheus from many rooms.
  metrics: ['health', 'backup', 'review', 'deploy', 'queries', 'indexes', 'history', 'project', 'database', 'support'],
  app: ['database', 'support'],
};
const any = (rooms) => `^src/(?:${rooms.join('|')})/`;
// A migration loads the code that runs it only when its `up` or `down` is called. The static import is only of types.
const loadedWhenCalled = '^src/execute/under-migrate-mongo\\.ts$';

const rooms = Object.entries(below).map(([room, allowed]) => ({
  name: `${room}-imports-only-what-is-below-it`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: [any([room, ...allowed]), ...(room === 'migration' ? [loadedWhenCalled] : [])] },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'only-product-knows-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:index|data|cli/main)\\.ts$' },
      to: { path: '^(?:product\\.ts|queries\\.ts|models/|seeders/|migrations/)' },
    },
    {
      name: 'migrations-import-verbs-alone',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/', pathNot: '^src/migration/index\\.ts$' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  // Imports of types count too.
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, exclude: { path: 'node_modules' } },
};
