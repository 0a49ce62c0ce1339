import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { productMigrations } from '../test/support/product';
import { startTestServer } from '../test/support/server';
import { compare } from './compare';
import { compiledTool, migrateMongo, run, withPrograms } from './programs';

/** A script that reads the changelog and the history with only the driver. With the argument `schema`, it also reads the whole schema. */
const bareScript = `
const { MongoClient } = require('mongodb');
(async () => {
  const client = await new MongoClient(process.env.MONGODB_URL).connect();
  const db = client.db(process.env.MONGODB_DATABASE);
  const schema = async () => {
    const collections = await db.listCollections().toArray();
    return Promise.all(collections.map(async (one) => ({ ...one, indexes: await db.collection(one.name).listIndexes().toArray() })));
  };
  const [applied, events, found] = await Promise.all([
    ...['changelog', 'schema_history'].map((name) => db.collection(name).find().toArray()),
    process.argv[2] === 'schema' ? schema() : [],
  ]);
  console.log(JSON.stringify({ applied, events: events.length, found }));
  await client.close();
})();
`;

/** The commands that only read, and whether they also read the whole schema. */
const reading = { status: false, history: false, drift: true, plan: false } as const;

/** Measures the CPU time of processes with little or no work. On a busy machine, CPU time is more reliable than elapsed time. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  console.log(`mongod ${server.version}, ${server.how}`);
  try {
    await withPrograms(async (folder) => {
      const [own, plain] = [path.join(folder, 'own'), path.join(folder, 'plain')];
      const names = productMigrations().map(({ name }) => name.replace(/\.ts$/, '.js'));
      const nothing = 'module.exports = { up: async () => {}, down: async () => {} };\n';
      const tool = await compiledTool(own);
      const peer = await migrateMongo(plain, Object.fromEntries(names.map((name) => [name, nothing])));
      await writeFile(path.join(own, 'bare.js'), bareScript);
      const env = (database: string) => ({ MONGODB_URL: server.url, MONGODB_DATABASE: database });
      const [ours, theirs] = [env('bench_startup_own'), env('bench_startup_plain')];
      await run(tool, ['deploy'], ours);
      await run(peer, ['up'], theirs);
      const cpu = async (took: ReturnType<typeof run>) => (await took).cpu;
      await compare({
        what: 'compiled deploy with nothing pending, compared with migrate-mongo up with the same number of migrations',
        unit: 'CPU ms',
        ours: () => cpu(run(tool, ['deploy'], ours)),
        theirs: () => cpu(run(peer, ['up'], theirs)),
        rounds: 15,
        limit: 1.2,
      });
      for (const [verb, readsSchema] of Object.entries(reading)) {
        const read = readsSchema ? 'the changelog, the history and the schema' : 'the changelog and the history';
        await compare({
          what: `compiled ${verb}, compared with a bare script that reads ${read}`,
          unit: 'CPU ms',
          ours: () => cpu(run(tool, [verb, '--json'], ours)),
          theirs: () => cpu(run({ folder: own, args: ['bare.js'] }, readsSchema ? ['schema'] : [], ours)),
          rounds: 9,
          limit: 1.3,
        });
      }
      await compare({
        what: 'compiled --help, compared with node with nothing to do',
        unit: 'CPU ms',
        ours: () => cpu(run(tool, ['--help'])),
        theirs: () => cpu(run({ folder: own, args: ['-e', '0'] }, [])),
        rounds: 15,
        limit: 4,
      });
    });
  } finally {
    await client.close();
    await server.stop();
  }
}

void main();
