import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deploy } from '../../src/deploy';
import { families } from '../../src/metrics';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { alerts, dashboard, dashboardQueries, tableRows } from './pages';
import { metricsOf, scrape, writeBackups, type Scrape } from './scrapes';

const database = useDatabase();
beforeAll(async () => {
  const { db, url, name } = database;
  await deploy({ url, database: name, folder: fixture.folder });
  await db.command({ profile: 2 });
  await db.collection('users').findOne({ email: 'someone@example.com' });
  await db.command({ profile: 0 });
});

/** A scrape on which every family has a value. */
async function wholeScrape(): Promise<Scrape> {
  const backups = await mkdtemp(path.join(tmpdir(), 'metrics-'));
  onTestFinished(() => rm(backups, { recursive: true }));
  await writeBackups(backups, database.name);
  return scrape(metricsOf({ url: database.url, database: database.name, folder: fixture.folder }, { backups }));
}

/** Prometheus adds these to all that it scrapes. */
const added = ['instance', 'job'];
const labelsOf = (found: Scrape, name: string) => Object.keys(found.values.get(name)?.[0]?.labels ?? {});

/** The metrics that an expression names, and the labels: of selectors, of `by`, `on` and the like. */
function namedIn(expr: string): { readonly metrics: string[]; readonly labels: string[]; readonly values: string[][] } {
  const metrics = [...expr.matchAll(/\bschema_\w+/g)].map(([name]) => name);
  const matchers = [...expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)];
  const lists = [...expr.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(','),
  );
  return {
    metrics,
    labels: [...matchers.map(([, label = '']) => label), ...lists.map((label) => label.trim())],
    values: matchers.map(([, label = '', value = '']) => [label, value]),
  };
}

function expectKnown(found: Scrape, expr: string): void {
  const { metrics, labels, values } = namedIn(expr);
  expect(metrics.length, expr).toBeGreaterThan(0);
  for (const metric of metrics) expect([...found.values.keys()], expr).toContain(metric);
  const known = [...added, ...metrics.flatMap((metric) => labelsOf(found, metric))];
  for (const label of labels) expect(known, expr).toContain(label);
  const all = metrics.flatMap((metric) => found.values.get(metric) ?? []);
  for (const [label = '', value = ''] of values.filter(([name]) => !added.includes(name ?? ''))) {
    expect(
      all.map(({ labels: own }) => own[label]),
      expr,
    ).toContain(value);
  }
}

describe('Every metric', () => {
  it('is on the page of a database where everything is there, and in the table of docs/operate.md, as it is', async () => {
    const found = await wholeScrape();
    expect(found.failed).toEqual([]);
    expect([...found.values.keys()]).toEqual(families.map(({ name }) => name));
    const rows = [...found.values.keys()].map((name) => [
      `\`${name}\``,
      found.types.get(name),
      labelsOf(found, name)
        .map((label) => `\`${label}\``)
        .join(', '),
      found.help.get(name),
    ]);
    expect(tableRows()).toEqual(rows);
  });

  it('has a name by the conventions: base units last, `_total` for counters alone', () => {
    for (const { name, type } of families) {
      expect(name).toMatch(/^schema_[a-z]+(_[a-z]+)*$/);
      expect(name).not.toMatch(/_(?:ms|milliseconds|minutes|hours|days|kb|mb|kilobytes|megabytes|count|sum|bucket)$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });
});

describe('docs/grafana', () => {
  it('has alerts that name metrics, labels and values of a scrape, and a fix', async () => {
    const found = await wholeScrape();
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    for (const { expr, labels, annotations } of alerts) {
      expectKnown(found, expr);
      expect(labels.severity).toMatch(/^(?:critical|warning)$/);
      expect(annotations.fix).toMatch(/\.$/);
      const used = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
      for (const label of used)
        expect(namedIn(expr).metrics.flatMap((metric) => labelsOf(found, metric))).toContain(label);
    }
  });

  it('has a dashboard whose panels name metrics and labels of a scrape', async () => {
    const found = await wholeScrape();
    for (const { expr, legendFormat } of dashboardQueries) {
      expectKnown(found, expr);
      const known = [...added, ...namedIn(expr).metrics.flatMap((metric) => labelsOf(found, metric))];
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(known, expr).toContain(label);
    }
    for (const { definition } of dashboard.templating.list)
      if (definition !== undefined) expectKnown(found, definition);
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows, or watches, every metric but those that count or explain others', () => {
    const shown = new Set([...alerts, ...dashboardQueries].flatMap(({ expr }) => namedIn(expr).metrics));
    expect(families.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([
      'schema_healthy',
      'schema_gathered_timestamp_seconds',
      'schema_collections',
      'schema_collections_left_out',
    ]);
  });
});
