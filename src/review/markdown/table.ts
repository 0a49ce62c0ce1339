import { printable } from '../../support/printable';

/** A table as GitHub renders it. Cells are taken as they are: {@link cell} makes plain text one. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Text within a table, in which code stays between its backticks. */
export function cell(text: string): string {
  // GitHub looks for the bars before it looks at anything else, in code too.
  return prose(text)
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** Text in which nothing but code between backticks is markup. */
export function prose(text: string): string {
  return printable(text)
    .split(/(``[^]+?``|`[^`]+`)/)
    .map((part, at) => (at % 2 === 1 ? part : escape(part)))
    .join('');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\*~[\]]|(?<!\w)_|_(?!\w)/g, '\\$&');
}
