/**
 * What a terminal would obey, or what would change the order of the text beside it: control characters, line separators of
 * Unicode, and overrides of its direction. Line ends and tabs are not among them.
 */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A text without control characters, each written as `\u001b`. It may come from the database: whoever can write a name there
 * could else move the cursor, or hide lines. Line ends and tabs stay. JSON text means the same afterwards.
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, escaped);
}

/** The same, of a value that stands within a line: line ends and tabs are escaped as well. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
