/**
 * Characters that a terminal would execute as commands, or that would change the order of the text around them: control characters, Unicode
 * line separators, and direction overrides. Line ends and tabs are allowed.
 */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Escapes control characters in a text, as `\u001b`. The text may come from the database. Without the escapes, a person who can write names
 * to the database could move the cursor or hide lines. Line ends and tabs are kept. The meaning of JSON text does not change.
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, escaped);
}

/** Escapes control characters in a value inside a line. Line ends and tabs are escaped as well. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
