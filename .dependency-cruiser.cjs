// The rooms of src/, and what each may import. Nothing imports the command line but what starts it, and only product.ts, the
// command line's start and the package's face name the product.
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
  // How the server answers the queries of the product, and how indexes are used.
  indexes: ['database', 'migration', 'schema', 'mongod', 'support'],
  // Slow queries, by their shapes.
  queries: ['indexes', 'database', 'migration', 'schema', 'support'],
  review: ['deploy', 'history', 'queries', 'indexes', 'project', 'database', 'migration', 'schema', 'support'],
  // It tries the migration that somebody writes: everything that carries one out, on a server of its own.
  watch: ['review', 'execute', 'project', 'database', 'migration', 'schema', 'mongod', 'support'],
  author: ['review', 'project', 'migration', 'schema', 'support'],
  // What documents really look like.
  census: ['database', 'migration', 'schema', 'support'],
  backup: ['deploy', 'execute', 'history', 'project', 'database', 'schema', 'mongod', 'support'],
  doctor: ['backup', 'review', 'database', 'schema', 'support'],
  health: ['history', 'project', 'database', 'migration', 'schema', 'support'],
  // What Prometheus scrapes: of everything that can be asked, the numbers.
  metrics: ['health', 'backup', 'review', 'deploy', 'queries', 'indexes', 'history', 'project', 'database', 'support'],
  app: ['database', 'support'],
};
const any = (rooms) => `^src/(?:${rooms.join('|')})/`;
// A migration loads what carries it out when its `up` or `down` is called; here that is the import of a type.
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
  // Types count as well.
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, exclude: { path: 'node_modules' } },
};
