import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { freeze } from '../test/support/freeze';
import { startTestServer } from '../test/support/server';
import { compare } from './compare';
import { compiledTool, migrateMongo, run, withPrograms } from './programs';

const sizes = process.env['BENCH_SHORT'] ? [100] : [10, 100, 1_000];

/** Returns migrations with the same changes for both tools: every tenth creates a collection, the others create an index. */
function textsOf(count: number, verbs: string) {
  const own: Record<string, string> = {};
  const plain: Record<string, string> = {};
  for (let at = 0; at < count; at++) {
    const name = `${20260101000000 + Math.floor(at / 60) * 100 + (at % 60)}-step_${at}.js`;
    const collection = `c${Math.floor(at / 10)}`;
    const [field, isFirst] = [`f${at}`, at % 10 === 0];
    const index = `{ name: '${field}_1', key: { ${field}: 1 } }`;
    const verb = isFirst
      ? `createCollections('${collection}')`
      : `createIndexes('${collection}', [{ ...${index}, serves: 'a bench' }])`;
    own[name] =
      `const { createCollections, createIndexes, migration } = require(${JSON.stringify(verbs)});\n` +
      `exports.default = migration(__filename, ${verb});\n`;
    const [up, down] = isFirst
      ? [`db.createCollection('${collection}')`, `db.dropCollection('${collection}')`]
      : [
          `db.collection('${collection}').createIndexes([${index}])`,
          `db.collection('${collection}').dropIndex('${field}_1')`,
        ];
    plain[name] = `module.exports = { up: async (db) => { await ${up}; }, down: async (db) => { await ${down}; } };\n`;
  }
  return { own, plain };
}

/** Measures how times grow with the number of migrations. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  console.log(`mongod ${server.version}, ${server.how}`);
  try {
    for (const count of sizes) {
      await withPrograms(async (folder) => {
        const tool = await compiledTool(path.join(folder, 'own'));
        const { own, plain } = textsOf(count, path.join(tool.folder, 'dist', 'src', 'migration'));
        const migrations = path.join(folder, 'own', 'many');
        await mkdir(migrations);
        for (const [name, text] of Object.entries(own)) await writeFile(path.join(migrations, name), text);
        // Compiled migrations are refused without their checksums.
        await freeze(
          migrations,
          Object.keys(own).map((name) => path.join(migrations, name)),
        );
        const peer = await migrateMongo(path.join(folder, 'plain'), plain);
        const envOf = (name: string) => ({
          MONGODB_URL: server.url,
          MONGODB_DATABASE: `bench_growth_${name}_${count}`,
        });
        const [ours, theirs] = [envOf('own'), envOf('plain')];
        const schema = (...args: string[]) => run(tool, ['--migrations', migrations, ...args], ours);
        const applied = async (work: () => ReturnType<typeof run>, { MONGODB_DATABASE: database }: typeof ours) => {
          await client.db(database).dropDatabase();
          return (await work()).wall;
        };
        const rounds = count < 1_000 ? 5 : 3;
        await compare({
          what: `applying ${count} migrations, against migrate-mongo`,
          ours: () => applied(() => schema('deploy'), ours),
          theirs: () => applied(() => run(peer, ['up'], theirs), theirs),
          rounds,
          limit: 1.5,
        });
        for (const [verb, theirVerb, limit] of [
          ['deploy', 'up', 1.5],
          ['status', 'status', 1.2],
        ] as const) {
          await compare({
            what: `${verb} where all of ${count} migrations are applied, against migrate-mongo ${theirVerb}`,
            unit: 'CPU ms',
            ours: async () => (await schema(verb)).cpu,
            theirs: async () => (await run(peer, [theirVerb], theirs)).cpu,
            rounds,
            limit,
          });
        }
        for (const { MONGODB_DATABASE: database } of [ours, theirs]) await client.db(database).dropDatabase();
      });
    }
  } finally {
    await client.close();
    await server.stop();
  }
}

void main();
