import { code, count } from '../explain';
import type { ReportData } from './data';
import { linksFrom } from './links';
import { sections } from './sections';
import { verdictOn } from './verdict';

/** Marks an empty report. The program that posts reports does not post an empty report to a pull request that has no report yet. */
export const nothingMark = '<!-- schema-report: nothing to tell -->';

/**
 * Returns the report of a pull request. The same branch gives the same text.
 * @param linkBase the web address of the folder of migrations: `https://github.com/OWNER/REPOSITORY/blob/COMMIT/migrations`. Without this
 *   address, the report has no links
 */
export function reportMarkdown(data: ReportData, linkBase?: string): string {
  const links = linksFrom(linkBase);
  const lines = isEmpty(data)
    ? [nothingMark, '## Schema report', '', 'There is no new migration, and the schema does not change.']
    : [
        '## Schema report',
        '',
        verdictLine(data),
        '',
        headline(data),
        '',
        ...sections.flatMap((section) => withSpace(section(data, links))),
      ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function isEmpty({ added, altered, removed, changes, stale, lint }: ReportData): boolean {
  return (
    added.length + altered.length + removed.length + changes.length + stale.length + (lint?.findings.length ?? 0) === 0
  );
}

function verdictLine(data: ReportData): string {
  const { verdict, reasons } = verdictOn(data);
  return `${signs[verdict]} **${verdict[0]?.toUpperCase() ?? ''}${verdict.slice(1)}**${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`;
}

const signs = { safe: '✅', 'needs a look': '👀', 'would fail': '❌' } as const;

function headline({ base, added, changes, lint }: ReportData): string {
  return [
    count(added.length, 'new migration'),
    `${count(changes.length, 'change')} of the schema`,
    ...(lint ? [`${count(lint.errors, 'lint error')}, ${count(lint.warnings, 'warning')}`] : []),
    `against ${code(base.label)} (${code(base.commit.slice(0, 12))})`,
  ].join(' · ');
}

function withSpace(lines: readonly string[]): readonly string[] {
  return lines.length === 0 || lines.at(-1) === '' ? lines : [...lines, ''];
}
