import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { deploy } from '../src/deploy';
import { drift, plan, takeSnapshot, writeSnapshot } from '../src/review';
import { lintProject } from '../src/review/lint';
import { startTestServer } from '../test/support/server';
import { migrationText } from '../test/support/small-project';
import { timed } from './compare';
import { stampOf } from './many';
import { isShort, keep, median, type CurveLine } from './results';

const sizes = isShort ? [10, 100] : [10, 100, 1_000];
const rounds = isShort ? 3 : 5;
/** How many collections one migration creates. */
const perMigration = 10;
/**
 * The maximum of this ratio: the time per collection with the most collections, divided by the time per collection with a tenth of them.
 */
const limit = 1.3;

/** Measures how times grow with the number of collections. If the time per collection does not change, growth is linear. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  console.log(`mongod ${server.version}, ${server.how}`);
  const times = new Map<string, [count: number, milliseconds: number][]>();
  try {
    for (const count of sizes) {
      const database = `bench_collections_${count}`;
      const project = await generate(count);
      try {
        for (const [what, milliseconds] of await measure({ project, url: server.url, database })) {
          times.set(what, [...(times.get(what) ?? []), [count, milliseconds]]);
        }
      } finally {
        await rm(project, { recursive: true, force: true });
        await client.db(database).dropDatabase();
      }
    }
  } finally {
    await client.close();
    await server.stop();
  }
  const lines: CurveLine[] = [...times].map(([name, points]) => ({ name, points }));
  for (const { name, points } of lines) judge(name, points);
  keep({ kind: 'curve', name: 'collections', title: 'Times by number of collections', size: 'collections', unit: 'milliseconds', lines }); // prettier-ignore
}

function judge(name: string, points: CurveLine['points']): void {
  const [fewer, more] = points.slice(-2);
  // With few collections, the work that does not depend on their number takes most of the time.
  if (!fewer || !more || fewer[0] < 100) return;
  keep({
    kind: 'bound',
    what: `${name}: the time per collection among ${more[0].toLocaleString('en-US')}, as a multiple of that among ${fewer[0]}`,
    unit: '',
    value: more[1] / more[0] / (fewer[1] / fewer[0]),
    limit,
  });
}

interface Work {
  readonly project: string;
  readonly url: string;
  readonly database: string;
}

/** Resolves to the medians in milliseconds. Measures in this process, which has already loaded its code. */
async function measure({ project, url, database }: Work): Promise<Map<string, number>> {
  const migrations = path.join(project, 'migrations');
  const target = { url, database, folder: migrations };
  const paths = { project, migrations, schema: path.join(project, 'schema') };
  const snapshot = () => takeSnapshot(paths, { relations: [] });
  writeSnapshot(snapshot(), paths, []);
  const applied = await timed(() => deploy(target));
  const works: readonly (readonly [name: string, work: () => unknown])[] = [
    ['deploy where nothing is pending', () => deploy(target)],
    ['plan', () => plan(target)],
    ['drift', () => drift(target)],
    ['snapshot', () => snapshot().generated.map(({ text }) => text(undefined)?.length)],
    ['lint', () => lintProject({ project, migrations })],
  ];
  const found = new Map([['deploy of all', applied]]);
  for (const [name, work] of works) {
    const elapsed: number[] = [];
    await work();
    while (elapsed.length < rounds) elapsed.push(await timed(work));
    found.set(name, median(elapsed));
  }
  const { drift: differences } = await drift(target);
  if (differences !== 0) throw new Error(`${differences} differences from the migrations`);
  return found;
}

/** Writes a project whose migrations create collections with a validator and two indexes each. Resolves to its folder. */
async function generate(count: number): Promise<string> {
  const project = await mkdtemp(path.join(tmpdir(), 'bench-collections-'));
  await mkdir(path.join(project, 'migrations'));
  for (let from = 0; from < count; from += perMigration) {
    const names = Array.from({ length: perMigration }, (_, at) => `c${from + at}`);
    const text = migrationText([`createCollections(${names.map((name) => `'${name}'`).join(', ')})`, ...names.flatMap(stepsOf)].join(', ')); // prettier-ignore
    await writeFile(path.join(project, 'migrations', `${stampOf(from)}-collections_${from}.ts`), text);
  }
  return project;
}

function stepsOf(collection: string): string[] {
  return [
    `addValidator('${collection}', { $jsonSchema: { bsonType: 'object', required: ['name', 'created_at'], properties: {
      name: { bsonType: 'string', minLength: 1, maxLength: 200 }, created_at: { bsonType: 'date' } } } })`,
    `createIndexes('${collection}', [
      { name: 'name_1', key: { name: 1 }, serves: 'a bench' },
      { name: 'created_at_-1', key: { created_at: -1 }, serves: 'a bench' },
    ])`,
  ];
}

void main();
