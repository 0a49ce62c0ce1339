import path from 'node:path';
import { MongoClient } from 'mongodb';
import { startTestServer } from '../test/support/server';
import { compare } from './compare';
import { filesOf, ownScript, plainScript, stepsOf } from './many';
import { compiledTool, migrateMongo, run, withPrograms, writeCompiled } from './programs';
import { isShort, keep, type CurveLine, type Ratio } from './results';

const sizes = isShort ? [10, 100] : [10, 100, 1_000, 5_000];
/** In milliseconds. A run of the other tool is skipped if it is expected to take longer. */
const patience = 120_000;

/** The measured times of both tools, by number of migrations. */
class Line {
  readonly #ours: (readonly [number, number])[] = [];
  readonly #theirs: (readonly [number, number])[] = [];

  add(count: number, { ours, theirs }: Pick<Ratio, 'ours' | 'theirs'>): void {
    this.#ours.push([count, ours]);
    this.#theirs.push([count, theirs]);
  }

  addOurs(count: number, milliseconds: number): void {
    this.#ours.push([count, milliseconds]);
  }

  /**
   * Returns how long the other tool will take, extrapolated from its last two sizes: its time is assumed to grow with the same power of
   * the size. Returns zero if fewer than two sizes were measured.
   */
  expected(count: number): number {
    const [before, last] = this.#theirs.slice(-2);
    if (!before || !last) return 0;
    const power = Math.log(last[1] / before[1]) / Math.log(last[0] / before[0]);
    return last[1] * (count / last[0]) ** power;
  }

  toLines(): CurveLine[] {
    return [
      { name: 'this tool', points: this.#ours },
      { name: 'migrate-mongo', points: this.#theirs },
    ];
  }
}

/** Measures how times grow with the number of migrations. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  console.log(`mongod ${server.version}, ${server.how}`);
  const [applying, nothing, status] = [new Line(), new Line(), new Line()];
  try {
    for (const count of sizes) {
      await withPrograms((folder) => measure({ folder, count, url: server.url, client, applying, nothing, status }));
    }
  } finally {
    await client.close();
    await server.stop();
  }
  const about = { kind: 'curve', size: 'migrations' } as const;
  keep({
    ...about,
    name: 'applying',
    title: 'Applying all migrations',
    unit: 'milliseconds',
    lines: applying.toLines(),
  });
  const cpu = 'milliseconds of CPU time';
  keep({ ...about, name: 'nothing', title: 'Nothing to apply', unit: cpu, lines: nothing.toLines() });
  keep({ ...about, name: 'status', title: 'Status', unit: cpu, lines: status.toLines() });
}

interface Work {
  readonly folder: string;
  readonly count: number;
  readonly url: string;
  readonly client: MongoClient;
  readonly applying: Line;
  readonly nothing: Line;
  readonly status: Line;
}

async function measure({ folder, count, url, client, applying, nothing, status }: Work): Promise<void> {
  const [own, plain] = [path.join(folder, 'own'), path.join(folder, 'plain')];
  const tool = await compiledTool(own);
  const steps = stepsOf(count);
  const verbs = path.join(own, 'dist', 'src', 'migration');
  const select = await writeCompiled(
    path.join(own, 'many'),
    filesOf(steps, 'js', (step) => ownScript(step, verbs)),
  );
  const texts = filesOf(steps, 'js', plainScript);
  const peer = await migrateMongo(plain, texts);
  const envOf = (name: string) => ({ MONGODB_URL: url, MONGODB_DATABASE: `bench_growth_${name}_${count}` });
  const [ours, theirs] = [envOf('own'), envOf('plain')];
  const schema = (verb: string) => run(tool, [...select, verb], ours);
  const mongo = (verb: string) => run(peer, [verb], theirs);
  const fresh = async ({ MONGODB_DATABASE: database }: typeof ours, work: () => ReturnType<typeof run>) => {
    await client.db(database).dropDatabase();
    return work();
  };
  const rounds = count < 1_000 ? 5 : count < 5_000 ? 3 : 1;
  const title = count.toLocaleString('en-US');
  const expected = applying.expected(count);
  if (expected > patience) {
    applying.addOurs(count, (await fresh(ours, () => schema('deploy'))).wall);
    const minutes = Math.round(expected / 60_000);
    keep({
      kind: 'note',
      text: `migrate-mongo did not apply ${title} migrations: from the smaller sizes, it would take about ${minutes} minutes.`,
    });
    // With these rows, the other tool finds all migrations applied.
    const rows = Object.keys(texts).map((fileName) => ({ fileName, appliedAt: new Date(), migrationBlock: 1 }));
    await client.db(theirs.MONGODB_DATABASE).collection('changelog').insertMany(rows);
  } else {
    const applied = await compare({
      what: `applying ${title} migrations, compared with migrate-mongo`,
      ours: async () => (await fresh(ours, () => schema('deploy'))).wall,
      theirs: async () => (await fresh(theirs, () => mongo('up'))).wall,
      rounds,
      limit: 1.5,
      isCold: rounds === 1,
    });
    applying.add(count, applied);
  }
  for (const [verb, theirVerb, limit, line] of [
    ['deploy', 'up', 1.5, nothing],
    ['status', 'status', 1.2, status],
  ] as const) {
    const ratio = await compare({
      what: `${verb} with all of ${title} migrations applied, compared with migrate-mongo ${theirVerb}`,
      unit: 'CPU ms',
      ours: async () => (await schema(verb)).cpu,
      theirs: async () => (await mongo(theirVerb)).cpu,
      rounds: Math.max(rounds, 3),
      limit,
    });
    line.add(count, ratio);
  }
  for (const { MONGODB_DATABASE: database } of [ours, theirs]) await client.db(database).dropDatabase();
}

void main();
