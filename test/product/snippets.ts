import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from '../support/project-folder';

/** A program in TypeScript that a page shows. */
export interface Snippet {
  readonly text: string;
  /** The lines that it says it prints. */
  readonly prints: readonly string[];
}

/** The programs that a page shows, which are those that import the package. */
export async function shownSnippets(page: string): Promise<Snippet[]> {
  const text = await readFile(path.join(projectFolder, 'docs', page), 'utf8');
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)]
    .map(([, snippet = '']) => snippet)
    .filter((snippet) => snippet.includes("from 'sentimatrix-schema'"))
    .map((snippet) => ({
      text: inFunction(snippet),
      prints: [...snippet.matchAll(/\/\/ → (.*)$/gm)].map(([, line = '']) => line),
    }));
}

/** A module of the kind that the project is compiled to cannot wait outside a function. */
function inFunction(snippet: string): string {
  const lines = snippet.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const others = lines.filter((line) => !line.startsWith('import '));
  return [...imports, 'async function main() {', ...others, '}', 'void main();', ''].join('\n');
}
