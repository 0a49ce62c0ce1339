import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMigrations, loadMigrations } from '../src/project';
import { capMarkdown, comparePoints, gatherReport, reportMarkdown, takeSnapshot } from '../src/review';
import { lint, lintProject } from '../src/review/lint';
import { emptySchema } from '../src/schema';
import { keep } from './results';

const count = 500;
/** The time limit after start-up for commands that a person waits for, in milliseconds. */
const limit = 2000;

/** Writes a project with many migrations: every tenth creates collections, the others add indexes, validators and backfills. */
function generate(project: string): void {
  const folder = path.join(project, 'migrations');
  mkdirSync(folder);
  symlinkSync(path.join(__dirname, '..', 'src'), path.join(project, 'src'));
  for (let at = 0; at < count; at++) {
    const name = `${20260101000000 + Math.floor(at / 60) * 100 + (at % 60)}-step_${at}.ts`;
    writeFileSync(path.join(folder, name), textOf(at));
  }
}

function textOf(at: number): string {
  const collection = `c${Math.floor(at / 10)}`;
  const field = `f${at}`;
  const steps = [
    `createCollections('${collection}')`,
    `addValidator('${collection}', { $jsonSchema: { required: ['${field}'], properties: { ${field}: { bsonType: 'date' } } } })`,
    `backfill('${collection}', { filter: { ${field}: null }, update: { $set: { ${field}: 1 } } })`,
  ];
  const index = `createIndexes('${collection}', [
    { name: '${field}_1', key: { ${field}: 1 }, serves: 'a' },
    { name: '${field}_1_a_1', key: { ${field}: 1, a: 1 }, unique: true, serves: 'b' },
  ])`;
  const imports = `import { addValidator, backfill, createCollections, createIndexes, migration } from '../src/migration';`;
  return `${imports}\n\nexport default migration(__filename, ${steps[at % 10] ?? index});\n`;
}

function timed<T>(what: string, work: () => T): T {
  const started = performance.now();
  const result = work();
  report(what, performance.now() - started);
  return result;
}

function report(what: string, milliseconds: number): void {
  keep({ kind: 'bound', what, unit: 'ms', value: milliseconds, limit });
}

async function main(): Promise<void> {
  const project = mkdtempSync(path.join(tmpdir(), 'bench-review-'));
  try {
    generate(project);
    const folder = path.join(project, 'migrations');
    const schema = path.join(project, 'schema');
    const started = performance.now();
    const { findings } = await lintProject({ project, migrations: folder });
    report(`lint of ${count} migrations, including the time to compile and load them`, performance.now() - started);
    const migrations = loadMigrations(findMigrations(folder));
    const names = migrations.slice(0, count / 10).map(({ name }) => name);
    timed(`lint of ${count} migrations (${findings.length} findings)`, () => lint(migrations, { project }));
    timed('lint of the same migrations, with a tenth of them as the base', () =>
      lint(migrations, { project, base: { label: 'main', names } }),
    );
    const snapshot = timed(`snapshot of ${count} migrations`, () =>
      takeSnapshot({ project, migrations: folder, schema }, { relations: [] }),
    );
    timed('the files that snapshot generates', () => snapshot.generated.map(({ text }) => text(undefined)?.length));
    const begun = performance.now();
    await comparePoints('empty', 'head', { folder });
    report('diff from the empty schema to the last migration', performance.now() - begun);
    timed('report of all migrations', () => {
      const base = { label: 'main', commit: '', names: [], frozen: {}, schema: emptySchema };
      const difference = { added: [], altered: [], removed: [], stale: [] };
      return capMarkdown(reportMarkdown(gatherReport({ base, migrations, snapshot, difference })));
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

void main();
