import type { Finding, LintReport, SuppressedFinding } from './types';

/** The formats of a report. */
export type Format = 'text' | 'json' | 'github';

export const formats: Readonly<Record<Format, (report: LintReport) => string>> = {
  text: ({ findings, suppressed, ...report }) =>
    [
      ...findings.map(findingText),
      ...suppressed.map(suppressedText),
      summary({ findings, suppressed, ...report }),
    ].join('\n\n') + '\n',
  json: (report) => JSON.stringify(report, null, 2) + '\n',
  github: (report) =>
    [
      ...report.findings.map((finding) => annotation(finding.severity, finding, explained(finding))),
      ...report.suppressed.map((finding) => annotation('notice', finding, `Suppressed: ${finding.reason}`)),
      summary(report),
    ].join('\n') + '\n',
};

export function findingText(finding: Finding): string {
  const { severity, code, title, file, line, place } = finding;
  return [
    `${severity.padEnd(7)} ${code}  ${title}`,
    `  ${file}:${line}${place === undefined ? '' : `  ${place}`}`,
    `  ${finding.message}`,
    ...indented(finding.rewrite),
  ].join('\n');
}

function indented(rewrite: string): string[] {
  return rewrite.split('\n').map((line) => `      ${line}`.trimEnd());
}

export function suppressedText({ code, title, file, line, place, reason }: SuppressedFinding): string {
  return `suppressed ${code}  ${title}\n  ${file}:${line}${place === undefined ? '' : `  ${place}`}\n  ${reason}`;
}

function explained({ message, rewrite, code }: Finding): string {
  return `${message}\n\n${rewrite}\n\nWhy: npm run schema -- lint --explain ${code}`;
}

/** @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function annotation(kind: 'error' | 'warning' | 'notice', { file, line, code, title }: Finding, text: string): string {
  const properties = [`file=${property(file)}`, `line=${line}`, `title=${property(`${code} ${title}`)}`];
  return `::${kind} ${properties.join(',')}::${data(text)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function summary({ judged, base, errors, warnings, suppressed }: LintReport): string {
  const migrations = `${judged.length} ${base === undefined ? '' : 'new '}migration${judged.length === 1 ? '' : 's'}`;
  const against = base === undefined ? '' : ` against ${base}`;
  const counts = [`${errors} errors`, `${warnings} warnings`, `${suppressed.length} suppressed`].map((count) =>
    count.startsWith('1 ') ? count.replace(/s$/, '') : count,
  );
  return `${migrations}${against}: ${counts.join(', ')}.`;
}
