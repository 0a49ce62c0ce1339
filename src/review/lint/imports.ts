/** A module that a source imports, and where. */
export interface Import {
  readonly module: string;
  /** From 1. */
  readonly line: number;
}

const stringOrComment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[^]*?\*\/|\/\/[^\n]*/g;
const statement =
  /^[ \t]*(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\b(?:require|import)\s*\(\s*['"`]([^'"`]+)['"`]/gm;

/** What a source imports, in any way that it can be written. */
export function importsOf(text: string): Import[] {
  const code = text.replace(stringOrComment, (found) => (found.startsWith('/') ? blank(found) : found));
  return [...code.matchAll(statement)].map((match) => ({
    module: match[1] ?? match[2] ?? match[3] ?? '',
    line: lineAt(code, match.index),
  }));
}

/** From 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** As many lines, with nothing on them. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
