import { code, count, type ExplainedChange } from '../explain';
import { changesTable, tally } from '../diff';
import { cell, prose, table } from '../markdown';
import type { LivePlan, ReportData } from './data';
import type { Links } from './links';
import type { ReportedMigration } from './migrations';

/** Each section is a list of lines; empty when there is nothing to show. */
type Section = (data: ReportData, links: Links) => string[];

const warnings: Section = ({ altered, removed, stale, base }) => {
  const merged = code(base.label);
  const lines = [
    ...altered.map(
      (name) => `**Altered:** ${code(name)} is already in ${merged}, with another text. Write a new migration.`,
    ),
    ...removed.map((name) => `**Removed:** ${code(name)} is in ${merged}, but missing here. Restore it.`),
    ...(stale.length > 0
      ? [`**Out of date:** ${stale.map((name) => code(name)).join(', ')}. Run \`npm run snapshot\`.`]
      : []),
  ];
  return lines.length === 0 ? [] : ['> [!WARNING]', ...lines.map((line) => `> - ${line}`)];
};

const newMigrations: Section = ({ added }, links) =>
  added.length === 0
    ? []
    : [`### ${count(added.length, 'new migration')}`, '', ...added.flatMap((one) => describeMigration(one, links))];

function describeMigration(migration: ReportedMigration, links: Links): string[] {
  const { name, why, changes, dataSteps, reasons, irreversible, isPlain } = migration;
  const parts = [
    ...(changes.length > 0 || dataSteps.length === 0 ? [count(changes.length, 'change')] : []),
    ...(dataSteps.length > 0 ? [count(dataSteps.length, 'data step')] : []),
  ];
  const rows = changes.map(({ sign, place, words, line, serves, losers, effect, down }) => [
    `\`${sign}\``,
    links.toLine(name, line, cell(place)),
    [
      ...words,
      ...(serves === undefined ? [] : [`serves: ${serves}`]),
      ...(losers === undefined ? [] : [`known queries that lose it: ${losers.join(', ')}`]),
    ]
      .map(cell)
      .join('<br>'),
    effect,
    down,
  ]);
  const notes = [
    ...dataSteps.flatMap(({ lines, down }) => [
      ...lines.map((line) => `- ${prose(line)}`),
      `- \`down\` ${prose(down)}`,
    ]),
    ...reasons.map((reason) => `- _why:_ ${prose(reason)}`),
    ...irreversible.map((reason) => `- _cannot be undone:_ ${prose(reason)}`),
  ];
  return [
    `**${links.toFile(name)}** (${isPlain ? 'plain: not planned' : parts.join(', ')})`,
    '',
    ...(why === undefined ? [] : [prose(why), '']),
    ...(rows.length > 0 ? [...table(['', 'change', 'meaning', 'on a database in use', '`down`'], rows), ''] : []),
    ...(notes.length > 0 ? [...notes, ''] : []),
  ];
}

const schemaChanges: Section = ({ added, changes, diagram, stale }) => {
  if (changes.length === 0) return [];
  const isCommitted = !stale.includes('schema/schema.json');
  const isTold = sameRows(
    added.flatMap((migration) => migration.changes),
    changes,
  );
  return [
    '### Schema changes',
    '',
    `${tally(changes)}. ${isCommitted ? 'These are the only changes in `schema/schema.json`.' : 'The committed `schema/schema.json` does not show it yet.'}`,
    '',
    ...(diagram.length > 0 ? ['```mermaid', ...diagram, '```', ''] : []),
    ...(isTold ? [] : [...changesTable(changes), '']),
  ];
};

/** Returns whether the schema differs exactly by the changes of the new migrations. If so, the tables of the migrations show them. */
function sameRows(made: readonly ExplainedChange[], changes: readonly ExplainedChange[]): boolean {
  const rows = (some: readonly ExplainedChange[]) =>
    some.map(({ sign, place, words }) => JSON.stringify([sign, place, words])).sort();
  return JSON.stringify(rows(made)) === JSON.stringify(rows(changes));
}

const lintFindings: Section = ({ lint }, links) => {
  if (!lint) return [];
  const { findings, suppressed, judged } = lint;
  if (findings.length + suppressed.length === 0) {
    return ['### Lint', '', `No findings in ${count(judged.length, 'migration')}.`, ''];
  }
  const rows = findings.map(({ severity, code: rule, migration, line, place, message }) => [
    severity,
    rule,
    `${links.toLine(migration, line, cell(code(`${migration}:${line}`)))}${place === undefined ? '' : `<br>${cell(place)}`}`,
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
    ...(silenced.length > 0 ? ['Suppressed, each with its reason:', '', ...silenced, ''] : []),
  ];
};

/** Returns a code block whose fence is longer than any fence in its text. */
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
    `${count(allMigrations, 'migration')} make ${count(allChanges, 'change')}; each change fits the schema that the changes before it made.`,
    '',
    ...table(['', 'before', 'after'], rows),
    '',
  ];
};

const livePlan: Section = ({ live }) => (live ? ['### On a real server', '', ...describeLive(live), ''] : []);

function describeLive(live: LivePlan): string[] {
  if ('problem' in live) return [`Unknown for ${live.server}:`, '', ...fenced(live.problem)];
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
