import { describe, expect, it } from 'vitest';
import {
  createCollections,
  createIndexes,
  createView,
  dropCollection,
  migration,
  suppress,
} from '../../../src/migration';
import { lint } from '../../../src/review/lint';
import { nearestCode } from '../../../src/review/lint/find-rule';
import { fromWire } from '../../../src/schema';
import { formats, type Format } from '../../../src/review/lint/format';
import { importsOf } from '../../../src/review/lint/imports';
import { lineOf } from '../../../src/review/lint/line-of';
import { findingsOf, judge, type Scenario } from './judge';

const users = createCollections('users');
const ttl = createIndexes('users', [
  { name: 'seen_at_1', key: { seen_at: 1 }, expireAfterSeconds: 3600, serves: 'forgetting' },
]);
const email = createIndexes('users', [
  { name: 'email_1', key: { email: 1 }, unique: true, serves: "sign-in: a 100% must, says the team's lead" },
]);

describe('A suppression', () => {
  it('lists what its step was let off, with the reason, and counts it no more', () => {
    const scenario = { base: [[users]], next: [[suppress('SM004', 'the collection is empty everywhere', ttl)]] };
    const { findings, suppressed, errors } = judge(scenario);
    expect(findings.map(({ code }) => code)).toEqual(['SM005']);
    expect(errors).toBe(1);
    expect(suppressed).toMatchObject([{ code: 'SM004', reason: 'the collection is empty everywhere' }]);
  });

  it('lets off one step and not the ones beside it', () => {
    const [finding] = findingsOf('SM001', { base: [[users]], next: [[suppress('SM001', 'x', ttl), email]] });
    expect(finding?.place).toBe('index users.email_1');
  });

  it('in any step lets off what is about the whole file', () => {
    const scenario: Scenario = {
      next: [[suppress('SM019', 'a constant', users)]],
      sources: ["import { a } from './a';"],
    };
    expect(judge(scenario).suppressed).toMatchObject([{ code: 'SM019', reason: 'a constant' }]);
  });
});

describe('A history that does not fit', () => {
  it('is judged up to there', () => {
    const { judged, findings } = judge({ next: [[users], [email], [email], [createCollections('projects')]] });
    expect(judged).toHaveLength(3);
    expect(findings.filter(({ code }) => code === 'SM023').map(({ migration: name }) => name)).toEqual([judged[2]]);
  });
});

describe('A view', () => {
  const view = createView('active', { on: 'users', pipeline: [] });
  const drop = dropCollection('users', { reason: 'gone', was: [users] });

  it('may read from what another migration makes, and keeps it from being dropped', () => {
    expect(findingsOf('SM023', { base: [[users]], next: [[view]] })).toEqual([]);
    expect(findingsOf('SM023', { base: [[users], [view]], next: [[drop]] })).toMatchObject([
      { place: 'collection users', message: expect.stringContaining('the view active reads from users') as string },
    ]);
  });

  it('that reads from nothing is a misfit, on the line that names it', () => {
    const sources = ["import { createView } from '../src/migration';\n\ncreateView('active', { on: 'users' })"];
    expect(findingsOf('SM023', { next: [[view]], sources })).toMatchObject([{ place: 'view active', line: 3 }]);
  });
});

describe('A finding', () => {
  const source = [
    "createIndexes('users', [",
    "  { name: 'user_id_1' },",
    ']),',
    "createIndexes('projects', [",
    "  { name: 'user_id_1' },",
    ']),',
  ].join('\n');

  it('is on the line that names the index after its collection', () => {
    expect(lineOf(source, fromWire({ at: ['users', 'indexes', 'user_id_1'] }))).toBe(2);
    expect(lineOf(source, fromWire({ at: ['projects', 'indexes', 'user_id_1'] }))).toBe(5);
  });

  it('is on the line of the collection, or else on the first', () => {
    expect(lineOf(source, fromWire({ at: ['projects', 'validator'] }))).toBe(4);
    expect(lineOf(source, fromWire({ at: ['projects', 'indexes', 'made_by_code'] }))).toBe(4);
    expect(lineOf(source, fromWire({ at: ['results', 'validator'] }))).toBe(1);
  });

  it('of an import is on its line, whatever is written before it', () => {
    const text =
      "/* 'quoted */\n// it's\nconst url = 'mongodb://a/*';\nimport x from './x'; /* */\nawait import('./y')";
    expect(importsOf(text)).toEqual([
      { module: './x', line: 4 },
      { module: './y', line: 5 },
    ]);
  });
});

describe('A code with a typo', () => {
  it.each([
    ['sm004', 'SM004'],
    ['SM4', 'SM004'],
    ['SN004', 'SM004'],
    ['4', 'SM004'],
    ['frobnicate', undefined],
  ])('%s is taken for %s', (written, meant) => {
    expect(nearestCode(written)).toBe(meant);
  });
});

describe('A report', () => {
  const steps = [suppress('SM004', 'empty everywhere: 0 documents, counted', ttl), suppress('SM999', 'x', email)];
  const sources = [
    [
      "import { createIndexes, migration } from '../src/migration';",
      "import { limits } from '../src/models';",
      "createIndexes('users', [{ name: 'seen_at_1' }]),",
      "createIndexes('users', [{ name: 'email_1' }]),",
    ].join('\n'),
  ];
  const report = judge({ base: [[users]], next: [steps], sources });

  it.each([
    ['text', 'lint.txt'],
    ['json', 'lint.json'],
    ['github', 'lint.github.txt'],
  ] satisfies [Format, string][])('is written as %s', async (format, golden) => {
    await expect(formats[format](report)).toMatchFileSnapshot(`../golden/${golden}`);
  });

  it('has one line for each annotation, whatever is in it', () => {
    const lines = formats.github(report).trimEnd().split('\n');
    expect(lines).toHaveLength(report.findings.length + report.suppressed.length + 1);
    for (const line of lines.slice(0, -1))
      expect(line).toMatch(/^::(error|warning|notice) file=[^,:]+,line=\d+,title=[^,:]+::/);
  });

  it('says that nothing was found', () => {
    const nothing = judge({ base: [[users]], next: [] });
    expect(formats.text(nothing)).toBe('0 new migrations against main: 0 errors, 0 warnings, 0 suppressed.\n');
    expect(formats.github(nothing)).toBe('0 new migrations against main: 0 errors, 0 warnings, 0 suppressed.\n');
  });
});

describe('A collection with a name that JavaScript knows', () => {
  it('is judged like any other', () => {
    const name = 'constructor';
    const index = createIndexes(name, [{ name: 'a_1', key: { a: 1 }, unique: true, serves: 'x' }]);
    const base = { label: 'main', names: ['20260101000000-a.ts'] };
    const migrations = [
      migration('20260101000000-a.ts', createCollections(name)),
      migration('20260102000000-b.ts', index),
    ];
    const { findings } = lint(migrations, { base, project: '.', read: () => '' });
    expect(findings.map(({ code }) => code)).toEqual(['SM001']);
  });
});
