import { createRequire } from 'node:module';
import type { Command } from 'commander';
import type * as Environment from '../database/environment';
import { printable } from '../support/printable';
import { redact } from '../support/redact';
import { asTyped } from './as-typed';
import { exitCodes } from './exit-codes';
import { findFolders, type Folders } from './folders';
import type { Product } from './product';
import { columnsOf, type MaybeTerminal } from './terminal';

/** The streams that a command line reads and writes. `process` fits this type. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & MaybeTerminal;
  readonly stderr: NodeJS.WritableStream & MaybeTerminal;
}

/** What every verb needs: streams, environment, global options, and the exit code. */
export class Context {
  exitCode: number = exitCodes.ok;
  /** Clears the progress line on the terminal, before another line is written. */
  hideLine: () => void = () => undefined;
  /** Whether `busy` is already showing a progress line. */
  isBusy = false;
  #config: Environment.Config | undefined;

  constructor(
    readonly io: Io,
    readonly env: NodeJS.ProcessEnv,
    readonly product: Product,
    private readonly program: Command,
  ) {}

  /**
   * The settings from the environment variables.
   * @throws error with code `USAGE` that lists every invalid setting
   */
  get config(): Environment.Config {
    // Load this module only when it is needed: it loads the MongoDB driver, which takes long.
    this.#config ??= (createRequire(__filename)('../database/environment') as typeof Environment).readConfig(this.env);
    return this.#config;
  }

  /**
   * The folders of the project that the command line works on.
   * @throws error with code `USAGE` when the folder of migrations does not exist
   */
  get folders(): Folders {
    const { migrations, schemaFolder } = this.config;
    return findFolders({
      migrations,
      schemaFolder,
      ...this.program.opts<{ migrations?: string; schemaFolder?: string }>(),
    });
  }

  /** The maximum width of a table on stdout; undefined when the width is unknown. */
  get columns(): number | undefined {
    return columnsOf(this.io.stdout, this.env);
  }

  /** Prints a result: with `--json` as one JSON document, otherwise as lines for people. A verb writes nothing else to stdout. */
  print(result: unknown, lines: readonly string[], { json = false }: { json?: boolean }): void {
    this.hideLine();
    if (json) this.#writeJson(result, 2);
    else this.write(printable(lines.map((line) => `${line}\n`).join('')));
  }

  /** Prints one of several results as one line of JSON. */
  printLine(result: unknown): void {
    this.hideLine();
    this.#writeJson(result, 0);
  }

  #writeJson(result: unknown, indent: number): void {
    // Each string is redacted separately, so that a match cannot run past the end of its string.
    const clean = (_: string, value: unknown) => (typeof value === 'string' ? asTyped(redact(value)) : value);
    // JSON escapes the first 32 control characters. `printable` escapes other characters that could control a terminal.
    this.io.stdout.write(`${printable(JSON.stringify(result, clean, indent))}\n`);
  }

  /** Writes a text to stdout, with users and passwords redacted. */
  write(text: string): void {
    this.hideLine();
    this.io.stdout.write(asTyped(redact(text)));
  }

  /** Reports progress on stderr. Escapes control characters, since they may come from the database. */
  progress(line: string): void {
    this.hideLine();
    this.io.stderr.write(`${printable(asTyped(redact(line)))}\n`);
  }
}
