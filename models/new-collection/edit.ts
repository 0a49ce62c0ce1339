import { SchemaError } from '../../src/support/schema-error';

/** The lines of a source that something is added to. */
export class Source {
  constructor(
    /** From the folder of the project. */
    readonly name: string,
    private readonly text: string,
  ) {}

  /**
   * Adds a line to a list, which is what stands between two lines: at its end, or among the others in their order.
   * @throws error with code `USAGE` when the list does not begin on exactly one line.
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
   * Adds an import of a module beside, in the order of the modules.
   * @throws error with code `USAGE` for a source that imports nothing.
   */
  addImport(names: string, module: string): Source {
    return this.#addFrom(`import { ${names} } from '${module}';`, 'import ', module);
  }

  /** Adds an export of everything that a module beside exports, likewise. */
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
    return new SchemaError('USAGE', `${this.name} has not one line \`${line}\`, so nothing was written`, {
      why: `\`${wanted.trim()}\` belongs below it`,
      fix: 'put that line back as it was, and run it again',
    });
  }
}

interface List {
  /** The line that the list begins behind. */
  readonly after: string;
  /** The line that it ends before. */
  readonly before: string;
  readonly sorted?: boolean;
}
