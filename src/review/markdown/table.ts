import { printable } from '../../support/printable';

/** Returns a table for GitHub. Cells are not changed: {@link cell} makes a cell from plain text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Returns a text for a table. Code stays between its backticks. */
export function cell(text: string): string {
  // GitHub first splits cells at bars, even inside code.
  return prose(text)
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** Escapes a text, so that only code between backticks is markup. */
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
