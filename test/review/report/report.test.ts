import { Double, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  changeView,
  createCollections,
  createView,
  foldMigrations,
  insertDocuments,
  migration,
  renameCollection,
} from '../../../src/migration';
import { capMarkdown, gatherReport, reportMarkdown, verdictOn, type ReportData } from '../../../src/review';
import type { LintReport } from '../../../src/review/lint';
import { canonicalJson, type Schema } from '../../../src/schema';
import { shop, shopSchema } from '../shop';

const names = shop.map(({ name }) => name);
const frozen = Object.fromEntries(names.map((name) => [name, { text: `text of ${name}`, changes: '' }]));
const clean = { added: [], altered: [], removed: [], stale: [] };

/** As the schema comes out of a file: with its names in order. */
const committed = (migrations: number) => JSON.parse(canonicalJson(shopSchema(migrations))) as Schema;

const lint: LintReport = {
  base: 'origin/main',
  judged: names.slice(3),
  findings: [
    {
      code: 'SM004',
      severity: 'error',
      title: 'A TTL on a field that need not be a date',
      migration: names[4] ?? '',
      file: `migrations/${names[4] ?? ''}`,
      line: 12,
      place: 'index coupons.ends_at_1',
      message: 'ends_at | is not required to be a date <here>.',
      rewrite: 'addValidator(\n  "coupons",\n  { … },\n)',
    },
    {
      code: 'SM013',
      severity: 'warning',
      title: 'A prefix',
      migration: names[4] ?? '',
      file: `migrations/${names[4] ?? ''}`,
      line: 20,
      message: 'It is a prefix.',
      rewrite: 'Drop it: ```x```',
    },
  ],
  suppressed: [
    {
      code: 'SM001',
      severity: 'error',
      title: 'A drop',
      migration: names[4] ?? '',
      file: `migrations/${names[4] ?? ''}`,
      line: 9,
      message: 'It drops.',
      rewrite: '',
      reason: 'nobody reads events',
    },
  ],
  errors: 1,
  warnings: 1,
};

const base = { label: 'origin/main', commit: '0123456789abcdef0123', names: names.slice(0, 3), frozen };
const snapshot = { frozen, generated: [], schema: shopSchema() };
const sources = {
  base: { ...base, schema: committed(3) },
  migrations: shop,
  snapshot,
  difference: clean,
};

const whole = (): ReportData =>
  gatherReport({
    ...sources,
    lint,
    live: {
      server: 'mongod 7.0.28, database shop',
      pending: [
        {
          name: names[4] ?? '',
          changes: [
            {
              what: 'create index coupons.ends_at_1',
              verdict: 'pending',
              notes: ['12 documents would go | at once'],
              stops: false,
            },
            { what: 'change validator of orders', verdict: 'already', notes: [], stops: false },
          ],
        },
      ],
    },
  });

describe('The report of a pull request', () => {
  it('tells new migrations, changes, findings and plans', async () => {
    await expect(reportMarkdown(whole())).toMatchFileSnapshot('../golden/report.md');
  });

  it('is the same each time, and whatever order a file has its names in', () => {
    expect(reportMarkdown(whole())).toBe(reportMarkdown(whole()));
    const other = gatherReport({ ...sources, base: { ...base, schema: shopSchema(3) }, lint });
    expect(other.changes).toEqual(gatherReport({ ...sources, lint }).changes);
  });

  it('tells no change where schema.json only shows less than the migrations: types, and the order of names', () => {
    const row = { _id: new ObjectId('00000000000000000000c0de'), z: new Long(1), a: { y: 1, b: new Double(2) } };
    const merged = [migration('20260101000000-rows.ts', createCollections('rows'), insertDocuments('rows', [row]))];
    const schema = foldMigrations(merged);
    const names = merged.map(({ name }) => name);
    const data = gatherReport({
      base: { ...base, names, frozen: {}, schema: JSON.parse(canonicalJson(schema)) as Schema },
      migrations: merged,
      snapshot: { frozen: {}, generated: [], schema },
      difference: clean,
    });
    expect(data).toMatchObject({ changes: [], diagram: [] });
  });

  it('links each migration, change and finding to its line, where it is told where that is', () => {
    const data = gatherReport({ ...sources, lint, read: () => "// Two\n'coupons'\n" });
    const at = 'https://host/o/r/blob/1/migrations';
    const [coupons = '', changes = ''] = names.slice(3);
    const text = reportMarkdown(data, at);
    expect(text).toContain(`**[\`${coupons}\`](${at}/${coupons})** (2 changes, 1 data step)`);
    expect(text).toContain(`| \`+\` | [collection coupons](${at}/${coupons}#L2) |`);
    expect(text).toContain(`[\`${changes}:12\`](${at}/${changes}#L12)<br>index coupons.ends_at_1`);
    expect(reportMarkdown(data)).not.toContain('](');
  });

  it('tells of a renamed collection what its users meet, and nothing of the views that go along', () => {
    const made = [
      migration(
        '20260201000000-orders.ts',
        createCollections('orders'),
        createView('open', { on: 'orders', pipeline: [] }),
      ),
      migration(
        '20260202000000-rename.ts',
        renameCollection('orders', 'purchases'),
        changeView('open', { from: { on: 'orders', pipeline: [] }, to: { on: 'purchases', pipeline: [] } }),
      ),
    ];
    const { added } = gatherReport({
      base: { ...base, names: ['20260201000000-orders.ts'], frozen: {}, schema: {} },
      migrations: made,
      snapshot: { frozen: {}, generated: [], schema: foldMigrations(made) },
      difference: clean,
    });
    expect(added[0]?.changes[0]).toMatchObject({
      place: 'collection orders',
      effect: 'operations on the collection wait for a moment; after that, queries of the old name find nothing',
      down: 'renamed back',
    });
  });

  it('tells which known queries lose an index that is dropped or hidden, and that somebody has to look', () => {
    const queries = [
      { name: 'orders-of-customer', collection: 'orders', index: 'customer_id_1', filter: {} },
      { name: 'open-events', collection: 'events', index: 'until_1', filter: {} },
      { name: 'other', collection: 'orders', index: 'code_1', filter: {} },
    ];
    const data = gatherReport({ ...sources, queries });
    const losers = data.added.flatMap(({ changes }) => changes.flatMap((change) => change.losers ?? []));
    expect(losers).toEqual(['orders-of-customer', 'open-events']);
    expect(reportMarkdown(data)).toContain('known queries that lose it: open-events');
    const { reasons } = verdictOn({ ...data, lint: undefined } as never);
    expect(reasons).toEqual(expect.arrayContaining(['open-events can no longer use `index events.until_1`']));
  });

  it('draws no name as markup of the diagram', () => {
    const name = 'a"]; click b "x';
    const odd = migration('20260201000000-odd.ts', createCollections(name));
    const schema = foldMigrations([...shop, odd]);
    const { diagram } = gatherReport({
      ...sources,
      base: { ...sources.base, names },
      migrations: [...shop, odd],
      snapshot: { ...snapshot, schema },
    });
    expect(diagram[1]).toBe('  n0["a#34;#93;#59; click b #34;x"]:::created');
  });

  it('warns of merged migrations that were altered or removed, and of stale files', async () => {
    const data = gatherReport({
      ...sources,
      base: { ...sources.base, names: [...base.names, '20260103120000-gone.ts'] },
      snapshot: { ...snapshot, frozen: { ...frozen, [names[0] ?? '']: { text: 'another', changes: '' } } },
      difference: { ...clean, altered: [names[0] ?? ''], stale: ['schema/schema.json'] },
      live: { server: 'the server', problem: 'It did not answer.' },
    });
    await expect(reportMarkdown(data)).toMatchFileSnapshot('../golden/report-warnings.md');
  });

  it('is short, and marked, when there is nothing to tell', async () => {
    const data = gatherReport({ ...sources, base: { ...base, names, schema: committed(5) } });
    await expect(reportMarkdown(data)).toMatchFileSnapshot('../golden/report-nothing.md');
  });
});

describe('The verdict on a pull request', () => {
  const verdict = (more: Partial<ReportData>) => {
    const nothing = gatherReport({ ...sources, base: { ...base, names, schema: committed(5) } });
    return verdictOn({ ...nothing, ...more });
  };
  const added = {
    name: 'a.ts',
    reasons: [],
    renames: [],
    changes: [],
    dataSteps: [],
    irreversible: [],
    isPlain: false,
  };
  const step = { lines: ['data: it'], down: 'undoes it' };
  const pending = (stops: boolean) => [
    { name: 'a.ts', changes: [{ what: 'x', verdict: 'pending', notes: [], stops }] },
  ];
  const warning = { ...lint, errors: 0 };

  it.each<[string, Partial<ReportData>, 'safe' | 'needs a look' | 'would fail', string?]>([
    ['a migration that only adds', { added: [added] }, 'safe'],
    ['a server that agrees', { live: { server: 'it', pending: pending(false) } }, 'safe'],
    ['data that is written', { added: [{ ...added, dataSteps: [step] }] }, 'needs a look', '`a.ts` writes documents'],
    [
      'a plain one',
      { added: [{ ...added, isPlain: true }] },
      'needs a look',
      '`a.ts` is a plain migration: what it does is unknown',
    ],
    [
      'one without a way back',
      { added: [{ ...added, irreversible: ['x'] }] },
      'needs a look',
      '`a.ts` cannot be undone',
    ],
    ['a rule that warns', { lint: warning }, 'needs a look', 'lint: SM001, SM004, SM013'],
    [
      'a collection that is dropped',
      { changes: [{ sign: '-', place: 'collection users', words: [] }] },
      'needs a look',
      'drops `collection users`',
    ],
    ['an index that is dropped', { changes: [{ sign: '-', place: 'index users.a_1', words: [] }] }, 'safe'],
    ['a rule that is broken', { lint, added: [{ ...added, dataSteps: [step] }] }, 'would fail', '1 lint error'],
    ['an altered one', { altered: ['a.ts', 'b.ts'] }, 'would fail', '2 merged migrations altered'],
    ['a removed one', { removed: ['a.ts'] }, 'would fail', '1 merged migration removed'],
    ['a snapshot of before', { stale: ['schema/schema.json'] }, 'would fail', 'the snapshot is out of date'],
    [
      'data in the way',
      { live: { server: 'it', pending: pending(true) } },
      'would fail',
      'the data on the server stops `a.ts`',
    ],
    ['a server that refuses', { live: { server: 'it', problem: 'x' } }, 'would fail', 'there is no plan for it'],
  ])('of %s', (_title, data, expected, reason) => {
    expect(verdict(data)).toEqual({ verdict: expected, reasons: reason === undefined ? [] : [reason] });
  });

  it('is shown with what the author says, and with why something cannot be undone', () => {
    const source =
      "import x from 'y';\n/** Not this. */\nconst a = 1;\n/**\n * Gives each order\n * its code.\n */\nexport default migration(__filename);";
    const data = gatherReport({ ...sources, read: () => source });
    expect(data.added.map(({ why }) => why)).toEqual(data.added.map(() => 'Gives each order its code.'));
    const text = reportMarkdown({ ...data, added: [{ ...added, why: 'For *this*.', irreversible: ['it is gone'] }] });
    expect(text).toContain('👀 **Needs a look**: `a.ts` cannot be undone');
    expect(text).toContain('\n\nFor \\*this\\*.\n');
    expect(text).toContain('- _cannot be undone:_ it is gone\n');
  });
});

describe('The cap of a report', () => {
  it('leaves a short one as it is', () => {
    expect(capMarkdown('short\n')).toBe('short\n');
    expect(capMarkdown('x'.repeat(65_000))).toHaveLength(65_000);
  });

  it.each([100, 5_000])('cuts a long one at the end of a line and says so, lines of %s characters', (length) => {
    const line = `${'x'.repeat(length - 1)}\n`;
    const capped = capMarkdown(line.repeat(100_000 / length));
    expect(capped.length).toBeLessThanOrEqual(65_000);
    expect(capped.length).toBeGreaterThan(65_000 - length - 1_000);
    expect(capped).toMatch(
      /x\n\n> \*\*Cut here\.\*\* The whole report has 100000 characters, but GitHub allows only 65000: .*\n$/,
    );
  });

  it('closes the code block and the folded part that it cuts in', () => {
    const text = `${'a line of text\n'.repeat(10)}<details>\n<summary>x</summary>\n\n\`\`\`ts\n${'code\n'.repeat(500)}\`\`\`\n</details>\n`;
    const capped = capMarkdown(text, 1_000);
    expect(capped.length).toBeLessThanOrEqual(1_000);
    expect(capped).toMatch(/code\n```\n\n<\/details>\n\n> \*\*Cut here/);
  });

  it('closes what was opened with a longer fence, too', () => {
    const capped = capMarkdown(`\`\`\`\`ts\n\`\`\`\n${'code\n'.repeat(500)}\`\`\`\`\n`, 600);
    expect(capped).toMatch(/code\n````\n\n> \*\*Cut here/);
  });
});
