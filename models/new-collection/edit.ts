import { SchemaError } from '../../src/support/schema-error';

/** A source file to which lines can be added: entries of lists, imports and exports. */
export class Source {
  constructor(
    /** The path relative to the project's folder. */
    readonly name: string,
    private readonly text: string,
  ) {}

  /**
   * Adds a line to the list between two given lines: at the end of the list, or in sorted order.
   * @throws error with code `USAGE` when the first of the two lines does not occur exactly once
   */
  addLine(line: string, { after, before, sorted = false }: List): Source {
    const lines = this.text.split('\n');
    const start = lines.indexOf(after);
    const end = lines.indexOf(before, start + 1);
    if (start < 0 || end < 0 || start !== lines.lastIndexOf(after)) throw this.#unknown(after, line);
    const next = sorted ? lines.slice(0, end).findIndex((other, at) => at > start && other > line) : -1;
    lines.splice(next < 0 ? end : next, 0, line);
    return new Source(this.name, lines.join('\n'));
  }

  /**
   * Adds an import of a module in the same folder. The imports are sorted by module.
   * @throws error with code `USAGE` for a source without imports
   */
  addImport(names: string, module: string): Source {
    return this.#addFrom(`import { ${names} } from '${module}';`, 'import ', module);
  }

  /** Adds an export of everything in a module in the same folder. The exports are sorted by module. */
  addExport(module: string): Source {
    return this.#addFrom(`export * from '${module}';`, 'export * ', module);
  }

  #addFrom(line: string, start: string, module: string): Source {
    const lines = this.text.split('\n');
    const others = lines.flatMap((other, at) => {
      const from = / from '(.*)';$/.exec(other)?.[1];
      return other.startsWith(start) && from !== undefined ? [{ at, from }] : [];
    });
    const last = others.at(-1);
    if (last === undefined) throw this.#unknown(`${start}…`, line);
    const next = others.find(({ from }) => from.startsWith('./') && from > module);
    lines.splice(next?.at ?? last.at + 1, 0, line);
    return new Source(this.name, lines.join('\n'));
  }

  toString(): string {
    return this.text;
  }

  #unknown(line: string, wanted: string): SchemaError {
    return new SchemaError('USAGE', `${this.name} does not have exactly one line \`${line}\`, so nothing was written`, {
      why: `the new line \`${wanted.trim()}\` belongs below that line`,
      fix: 'restore that line, and run the command again',
    });
  }
}

interface List {
  /** The line before the list. */
  readonly after: string;
  /** The line after the list. */
  readonly before: string;
  readonly sorted?: boolean;
}
