/** An imported module, and its line. */
export interface Import {
  readonly module: string;
  /** The first line is 1. */
  readonly line: number;
}

const stringOrComment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[^]*?\*\/|\/\/[^\n]*/g;
const statement =
  /^[ \t]*(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\b(?:require|import)\s*\(\s*['"`]([^'"`]+)['"`]/gm;

/** Returns the imports of a source file, whichever import syntax they use. */
export function importsOf(text: string): Import[] {
  const code = text.replace(stringOrComment, (found) => (found.startsWith('/') ? blank(found) : found));
  return [...code.matchAll(statement)].map((match) => ({
    module: match[1] ?? match[2] ?? match[3] ?? '',
    line: lineAt(code, match.index),
  }));
}

/** Returns the line number of a position. The first line is 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Returns the text with a space for each character, so that positions and line numbers stay the same. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
