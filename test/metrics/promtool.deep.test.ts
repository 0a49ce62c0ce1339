import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { deploy } from '../../src/deploy';
import { findPromtool } from '../docker/tools';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { alerts, alertsFile, dashboardQueries } from './pages';
import { metricsOf } from './scrapes';

const promtool = findPromtool();
const database = useDatabase();

/** Runs it on a file of this text; gives what it said, when it found nothing wrong. */
async function check(args: readonly string[], text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'promtool-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'file.yml');
  await writeFile(file, text);
  const { exitCode, all } = await execa(promtool ?? '', [...args, file], { reject: false, all: true });
  expect(exitCode, all).toBe(0);
  return all;
}

interface Case {
  readonly alert: string;
  /** Series, in the notation of promtool, a value each minute. */
  readonly when: Readonly<Record<string, string>>;
  readonly after: string;
  /** Absent where it must not fire. */
  readonly says?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const hours = (count: number) => count * 60;
/** The clock of promtool begins in 1970, so what is old has a time before that. */
const cases: readonly Case[] = [
  { alert: 'SchemaMetricsMissing', when: {}, after: '6m', says: 'Prometheus gets no metrics of the database.' },
  { alert: 'SchemaMetricsMissing', when: { schema_up: '0x10' }, after: '6m' },
  { alert: 'SchemaDatabaseDown', when: { schema_up: '0x10' }, after: '3m', says: 'No server of the database answers.' },
  {
    alert: 'SchemaNoPrimary',
    when: { schema_up: '1x10', schema_writable: '0x10' },
    after: '3m',
    says: 'The replica set has no writable primary.',
  },
  { alert: 'SchemaNoPrimary', when: { schema_up: '0x10', schema_writable: '0x10' }, after: '3m' },
  {
    alert: 'SchemaDeployFailed',
    when: { schema_last_deploy_failed: '1x10' },
    after: '6m',
    says: 'The last deploy failed.',
  },
  {
    alert: 'SchemaRestoreUnfinished',
    when: { schema_restore_unfinished: '1x10', schema_lease_held: '0x10' },
    after: '6m',
    says: 'A restore was interrupted, and the database is half restored.',
  },
  {
    alert: 'SchemaRestoreUnfinished',
    when: { schema_restore_unfinished: '1x10', schema_lease_held: '1x10' },
    after: '6m',
  },
  {
    alert: 'SchemaMigrationsPending',
    when: { schema_migrations_pending: '3x40' },
    after: '31m',
    says: '3 migrations are not applied.',
  },
  {
    alert: 'SchemaHistoryBroken',
    when: { schema_migrations_broken: '2x10' },
    after: '6m',
    says: '2 migrations were edited, are missing, late, unknown or half rolled back.',
  },
  {
    alert: 'SchemaDrift',
    when: { schema_drift_differences: '2x20', schema_lease_held: '0x20' },
    after: '16m',
    says: 'Somebody changed the schema by hand, in 2 places.',
  },
  {
    alert: 'SchemaLeaseHeldLong',
    when: { schema_lease_held: '1x70' },
    after: '61m',
    says: 'A run has held the lease for an hour.',
  },
  {
    alert: 'SchemaBackupTooOld',
    when: { schema_newest_backup_timestamp_seconds: `-93600x${hours(1)}` },
    after: '6m',
    says: 'The newest backup is 1d 2h 6m 0s old.',
  },
  { alert: 'SchemaBackupTooOld', when: { schema_newest_backup_timestamp_seconds: `-86400x${hours(1)}` }, after: '6m' },
  {
    alert: 'SchemaVerifiedBackupTooOld',
    when: { schema_newest_verified_backup_timestamp_seconds: `-691200x${hours(1)}` },
    after: '6m',
    says: 'The newest verified backup is 8d 0h 6m 0s old.',
  },
  { alert: 'SchemaBackupMissing', when: { schema_up: '1x70' }, after: '61m', says: 'There is no backup.' },
  {
    alert: 'SchemaBackupMissing',
    when: { schema_up: '1x70', schema_newest_backup_timestamp_seconds: '0x70' },
    after: '61m',
  },
  {
    alert: 'SchemaPartUnknown',
    when: { 'schema_scrape_error{what="drift"}': '1x20', 'schema_scrape_error{what="sizes"}': '0x20' },
    after: '16m',
    says: '/metrics cannot read this part: drift.',
    labels: { what: 'drift' },
  },
  {
    alert: 'SchemaSlowPing',
    when: { schema_ping_seconds: '0.5x20' },
    after: '16m',
    says: 'For ten minutes, every ping took 500ms or longer.',
  },
  { alert: 'SchemaSlowPing', when: { schema_ping_seconds: '0.5x8 0.1x20' }, after: '16m' },
  {
    alert: 'SchemaConnectionsShort',
    when: {
      'schema_server_connections{state="open"}': '95x10',
      'schema_server_connections{state="available"}': '5x10',
    },
    after: '6m',
    says: "Only 5% of the server's connections are still available.",
  },
  {
    alert: 'SchemaTtlStopped',
    when: { schema_ttl_passes_total: '7x40', schema_writable: '1x40' },
    after: '30m',
    says: 'The server no longer deletes expired documents.',
  },
  { alert: 'SchemaTtlStopped', when: { schema_ttl_passes_total: '0+1x40', schema_writable: '1x40' }, after: '30m' },
];

describe.skipIf(promtool === undefined)('promtool', () => {
  it('finds nothing wrong with a scrape', async () => {
    const where = { url: database.url, database: database.name, folder: fixture.folder };
    await deploy(where);
    const { text } = await metricsOf(where).scrape();
    const { exitCode, all } = await execa(promtool ?? '', ['check', 'metrics'], {
      input: text,
      all: true,
      reject: false,
    });
    expect([exitCode, all]).toEqual([0, '']);
  });

  it('takes the alerts, and every expression of the dashboard', async () => {
    const { stdout } = await execa(promtool ?? '', ['check', 'rules', alertsFile]);
    expect(stdout).toContain(`SUCCESS: ${alerts.length} rules found`);
    const rules = dashboardQueries.map(({ expr }, at) => ({ record: `panel:${at}`, expr }));
    expect(await check(['check', 'rules'], stringify({ groups: [{ name: 'dashboard', rules }] }))).toContain(
      `SUCCESS: ${rules.length} rules found`,
    );
  });

  it('sees each alert fire when it should, and some not fire when they should not', async () => {
    expect(new Set(cases.filter(({ says }) => says !== undefined).map(({ alert }) => alert))).toEqual(
      new Set(alerts.map(({ alert }) => alert)),
    );
    const tests = cases.map(({ alert, when, after, says, labels = {} }) => {
      const { labels: own, annotations } = alerts.find((one) => one.alert === alert) ?? expect.fail(alert);
      const fires = [{ exp_labels: { ...own, ...labels }, exp_annotations: { ...annotations, summary: says } }];
      return {
        interval: '1m',
        input_series: Object.entries(when).map(([series, values]) => ({ series, values })),
        alert_rule_test: [{ eval_time: after, alertname: alert, exp_alerts: says === undefined ? [] : fires }],
      };
    });
    await check(['test', 'rules'], stringify({ rule_files: [alertsFile], evaluation_interval: '1m', tests }));
  });
});
