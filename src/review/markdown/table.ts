import { printable } from '../../support/printable';

/** Returns a table for GitHub. The cells are not escaped: {@link cell} makes a cell from plain text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Returns a text as the cell of a table. Code in backticks stays code. */
export function cell(text: string): string {
  // GitHub splits a row at each `|`, even inside code.
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
