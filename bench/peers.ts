import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { startTestServer } from '../test/support/server';
import { migrationText } from '../test/support/small-project';
import { compareProcesses } from './compare';
import { filesOf, ownScript, stepsOf, verbOf, type Step } from './many';
import { installOtherTools, otherTools, setUp, type OtherTool } from './other-tools';
import { compiledTool, run, withPrograms, writeCompiled, type Program } from './programs';
import { keep } from './results';

const count = 20;
const [limitApplying, limitNothing] = [1.5, 1.2];
const project = path.join(__dirname, '..');

/** Compares this tool with each other tool that can be installed: in applying some migrations, and in finding nothing to apply. */
async function main(): Promise<void> {
  const versions = await installOtherTools();
  const missing = [...new Set(otherTools.map(({ needs }) => needs).filter((name) => !versions.has(name)))];
  if (missing.length > 0) keep({ kind: 'note', text: `Not measured, because not installed: ${missing.join(', ')}.` });
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  console.log(`mongod ${server.version}, ${server.how}`);
  const steps = stepsOf(count);
  try {
    await withPrograms(async (folder) => {
      const own = {
        JavaScript: await compiled(path.join(folder, 'compiled'), steps),
        TypeScript: await checkout(path.join(folder, 'checkout'), steps),
      };
      for (const [at, tool] of otherTools.entries()) {
        const version = versions.get(tool.needs);
        if (version === undefined) continue;
        const theirs = await setUp(tool, path.join(folder, `other-${at}`), steps);
        const pair = { name: `${tool.name} ${version}`, tool, ours: own[tool.language], theirs };
        await compareWith(pair, client, server.url, at);
      }
    });
  } finally {
    await client.close();
    await server.stop();
  }
}

interface Pair {
  readonly name: string;
  readonly tool: OtherTool;
  readonly ours: Program;
  readonly theirs: Program;
}

async function compareWith({ name, tool, ours, theirs }: Pair, client: MongoClient, url: string, at: number) {
  const [ourDatabase, theirDatabase] = [`bench_peers_own_${at}`, `bench_peers_other_${at}`];
  const deploy = () => run(ours, ['deploy'], { MONGODB_URL: url, MONGODB_DATABASE: ourDatabase });
  const up = () => run(theirs, tool.up, tool.env(url, theirDatabase));
  const applying = (database: string, work: () => ReturnType<typeof run>) => async () => {
    await client.db(database).dropDatabase();
    return work();
  };
  const [deployAll, upAll] = [applying(ourDatabase, deploy), applying(theirDatabase, up)];
  const rounds = 9;
  const [all, none] = [
    `applying ${count} migrations, compared with ${name}`,
    `nothing to apply, compared with ${name}`,
  ];
  await compareProcesses({ what: all, ours: deployAll, theirs: upAll, rounds, limit: limitApplying });
  await proveEqual(client, ourDatabase, theirDatabase);
  await compareProcesses({ what: none, ours: deploy, theirs: up, rounds, limit: limitNothing });
  for (const database of [ourDatabase, theirDatabase]) await client.db(database).dropDatabase();
}

/** Checks that two databases have the same result, because a tool that does nothing would be fast. */
async function proveEqual(client: MongoClient, one: string, other: string): Promise<void> {
  const [ours, theirs] = await Promise.all(
    [one, other].map(async (database) => {
      const db = client.db(database);
      const names = (await db.listCollections({ name: /^c\d+$/ }, { nameOnly: true }).toArray()).map(
        ({ name }) => name,
      );
      const indexes = await Promise.all(names.map(async (name) => (await db.collection(name).indexes()).length));
      return indexes.reduce((sum, each) => sum + each, 0);
    }),
  );
  if (ours === 0 || ours !== theirs) throw new Error(`${ours} indexes in ${one}, but ${theirs} in ${other}`);
}

/** Returns the published form of this tool with the steps in JavaScript. */
async function compiled(folder: string, steps: readonly Step[]): Promise<Program> {
  const tool = await compiledTool(folder);
  const verbs = path.join(folder, 'dist', 'src', 'migration');
  const texts = filesOf(steps, 'js', (step) => ownScript(step, verbs));
  return { folder, args: [...tool.args, ...(await writeCompiled(path.join(folder, 'many'), texts))] };
}

/** Returns this tool as it runs in its checkout, with the steps in TypeScript. */
async function checkout(folder: string, steps: readonly Step[]): Promise<Program> {
  const migrations = path.join(folder, 'many');
  await mkdir(migrations, { recursive: true });
  const texts = filesOf(steps, 'ts', (step) => migrationText(verbOf(step)));
  for (const [name, text] of Object.entries(texts)) await writeFile(path.join(migrations, name), text);
  const [start, main] = [path.join(project, 'scripts', 'quick-start.js'), path.join(project, 'src', 'cli', 'main.ts')];
  return { folder, args: ['-r', start, main, '--migrations', migrations] };
}

void main();
