import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { onTestFinished } from 'vitest';
import { checkHealth } from '../../src/health';
import { makeMetrics, Pool, type Metrics, type MetricsOptions } from '../../src/metrics';
import { MongoUrl } from '../../src/support/mongo-url';

interface Where {
  readonly url: string;
  readonly database: string;
  readonly folder: string;
}

/** Metrics of a database, whose client is closed when the test ends. Each scrape looks anew, unless told otherwise. */
export function metricsOf({ url, database, folder }: Where, options: Partial<MetricsOptions> = {}): Metrics {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 0 });
  const metrics = makeMetrics({
    url: MongoUrl.of(url),
    database,
    folder,
    changelog: undefined,
    backups: '/nowhere',
    check: () => checkHealth(client.db(database), { folder, timeout: 1_000 }),
    pool: new Pool(),
    maxAge: 0,
    timeout: 20_000,
    ...options,
  });
  onTestFinished(async () => {
    await metrics.close();
    await client.close();
  });
  return metrics;
}

export interface Value {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What stands on a page of metrics: the values of each, its type and its help. */
export class Scrape {
  readonly values = new Map<string, Value[]>();
  readonly types = new Map<string, string>();
  readonly help = new Map<string, string>();

  constructor(readonly text: string) {
    for (const line of text.split('\n').filter((one) => one !== '')) this.#read(line);
  }

  #read(line: string): void {
    const [, kind, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      (kind === 'HELP' ? this.help : this.types).set(about, rest);
      return;
    }
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`no line of a page of metrics: ${line}`);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
      label,
      JSON.parse(`"${text}"`) as string,
    ]);
    const known = this.values.get(name) ?? [];
    this.values.set(name, [...known, { labels: Object.fromEntries(pairs) as Value['labels'], value: Number(value) }]);
  }

  /** The one value of a name with these labels; undefined when there is none. */
  value(name: string, labels: Value['labels'] = {}): number | undefined {
    const isMeant = (one: Value) => Object.entries(labels).every(([label, text]) => one.labels[label] === text);
    const found = (this.values.get(name) ?? []).filter(isMeant);
    if (found.length > 1) throw new Error(`${name} has ${found.length} values`);
    return found[0]?.value;
  }

  /** The parts that could not be found out. */
  get failed(): string[] {
    return (this.values.get('schema_scrape_error') ?? [])
      .filter(({ value }) => value === 1)
      .map(({ labels }) => labels['what'] ?? '');
  }
}

export async function scrape(metrics: Metrics): Promise<Scrape> {
  return new Scrape((await metrics.scrape()).text);
}

/** Puts files where backups of a database are: one that was taken lately, and one before it that was restored for a trial. */
export async function writeBackups(folder: string, database: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const archive = (taken: string) => path.join(folder, `${database}_${taken}.tar.gz`);
  const [verified, newest] = ['20260101_000000', '20260201_000000'].map(archive) as [string, string];
  for (const file of [verified, newest]) await writeFile(file, 'an archive');
  const note = { sha256: '', bytes: (await stat(verified)).size, verified_at: '', server: '' };
  await writeFile(`${verified}.verified.json`, JSON.stringify(note));
}
