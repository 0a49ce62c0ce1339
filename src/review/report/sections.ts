import { code, count } from '../explain';
import { changesTable, tally } from '../diff';
import { cell, prose, table } from '../markdown';
import type { LivePlan, ReportData, ReportedMigration } from './data';

/** Each section is a list of lines, empty where there is nothing to say. */
type Section = (data: ReportData) => string[];

const warnings: Section = ({ altered, removed, stale, base }) => {
  const merged = code(base.label);
  const lines = [
    ...altered.map(
      (name) => `**Altered:** ${code(name)} is in ${merged} already, with another text. Write a new migration.`,
    ),
    ...removed.map((name) => `**Removed:** ${code(name)} is in ${merged}, and gone here. Bring it back.`),
    ...(stale.length > 0
      ? [
          `**Stale:** ${stale.map((name) => code(name)).join(', ')}. \`npm run snapshot\` writes what the migrations lead to.`,
        ]
      : []),
  ];
  return lines.length === 0 ? [] : ['> [!WARNING]', ...lines.map((line) => `> - ${line}`)];
};

const newMigrations: Section = ({ added }) =>
  added.length === 0 ? [] : [`### ${count(added.length, 'new migration')}`, '', ...added.flatMap(describeMigration)];

function describeMigration(migration: ReportedMigration): string[] {
  const { name, why, lines, reasons, changes, dataSteps, irreversible, isPlain } = migration;
  const parts = [
    ...(changes > 0 || dataSteps === 0 ? [count(changes, 'change')] : []),
    ...(dataSteps > 0 ? [count(dataSteps, 'data step')] : []),
  ];
  return [
    `**${code(name)}** (${isPlain ? 'plain: not planned' : parts.join(', ')})`,
    '',
    ...(why === undefined ? [] : [prose(why), '']),
    ...lines.map((line) => `- ${prose(line)}`),
    ...reasons.map((reason) => `- _why:_ ${prose(reason)}`),
    ...irreversible.map((reason) => `- _cannot be undone:_ ${prose(reason)}`),
    '',
  ];
}

const schemaChanges: Section = ({ changes, stale }) => {
  if (changes.length === 0) return [];
  const isCommitted = !stale.includes('schema/schema.json');
  return [
    '### What changes in the schema',
    '',
    `${tally(changes)}. ${isCommitted ? 'The difference in `schema/schema.json` is this, and nothing else.' : 'The committed `schema/schema.json` does not show it yet.'}`,
    '',
    ...changesTable(changes),
    '',
  ];
};

const lintFindings: Section = ({ lint }) => {
  if (!lint) return [];
  const { findings, suppressed, judged } = lint;
  if (findings.length + suppressed.length === 0) {
    return ['### Lint', '', `No findings in ${count(judged.length, 'migration')}.`, ''];
  }
  const rows = findings.map(({ severity, code: rule, migration, line, place, message }) => [
    severity,
    rule,
    `${cell(code(`${migration}:${line}`))}${place === undefined ? '' : `<br>${cell(place)}`}`,
    cell(message),
  ]);
  const silenced = suppressed.map(
    ({ code: rule, migration, reason }) => `- ${rule} in ${code(migration)}: ${prose(reason)}`,
  );
  return [
    '### Lint',
    '',
    ...(rows.length > 0 ? [...table(['', 'rule', 'where', 'what'], rows), ''] : []),
    ...findings.flatMap(({ code: rule, place, rewrite }) => [
      '<details>',
      `<summary>The safe way for ${rule}${place === undefined ? '' : `, ${prose(place)}`}</summary>`,
      '',
      ...fenced(rewrite),
      '',
      '</details>',
      '',
    ]),
    ...(silenced.length > 0 ? ['Switched off, each with its reason:', '', ...silenced, ''] : []),
  ];
};

/** A block of code; the fence is longer than any in it. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return [fence, text.trimEnd(), fence];
}

const emptyServerPlan: Section = ({ before, after, allMigrations, allChanges }) => {
  const { documents: _before, ...from } = before;
  const { documents: _after, ...to } = after;
  const rows = Object.entries(from).map(([what, number]) => [
    what,
    String(number),
    String(to[what as keyof typeof to]),
  ]);
  return [
    '### On an empty server',
    '',
    `${count(allMigrations, 'migration')} make ${count(allChanges, 'change')}; each fits what the ones before it made.`,
    '',
    ...table(['', 'before', 'after'], rows),
    '',
  ];
};

const livePlan: Section = ({ live }) => (live ? ['### On a real server', '', ...describeLive(live), ''] : []);

function describeLive(live: LivePlan): string[] {
  if ('problem' in live) return [`Not known for ${live.server}:`, '', ...fenced(live.problem)];
  if (live.pending.length === 0) return [`Nothing is pending on ${live.server}.`];
  const rows = live.pending.flatMap(({ name, changes }) =>
    changes.map(({ what, verdict, notes }) => [cell(code(name)), verdict, cell(what), notes.map(cell).join('<br>')]),
  );
  return [
    `Pending on ${live.server}; nothing was written:`,
    '',
    ...table(['migration', '', 'change', 'live data'], rows),
  ];
}

export const sections: readonly Section[] = [
  warnings,
  newMigrations,
  schemaChanges,
  lintFindings,
  emptyServerPlan,
  livePlan,
];
