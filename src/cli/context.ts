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

/** Where a command line reads and writes: `process` is one. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & MaybeTerminal;
  readonly stderr: NodeJS.WritableStream & MaybeTerminal;
}

/** What every verb works with: streams, environment, the options that stand for all verbs, and the exit code to come. */
export class Context {
  exitCode: number = exitCodes.ok;
  /** Takes away a line of the terminal that is drawn anew, before another one is written. */
  hideLine: () => void = () => undefined;
  /** Whether such a line tells already what goes on. */
  isBusy = false;

  constructor(
    readonly io: Io,
    readonly env: NodeJS.ProcessEnv,
    readonly product: Product,
    private readonly program: Command,
  ) {}

  /**
   * What the environment says.
   * @throws error with code `USAGE` that lists everything that is wrong with it
   */
  get config(): Environment.Config {
    // A list of verbs needs neither zod nor the driver, which take long to load.
    return (createRequire(__filename)('../database/environment') as typeof Environment).readConfig(this.env);
  }

  /**
   * The folders of the project that the command line works on.
   * @throws error with code `USAGE` when there is no such folder of migrations
   */
  get folders(): Folders {
    const { migrations, schemaFolder } = this.config;
    return findFolders({
      migrations,
      schemaFolder,
      ...this.program.opts<{ migrations?: string; schemaFolder?: string }>(),
    });
  }

  /** How wide a table on stdout may be; undefined where nothing tells. */
  get columns(): number | undefined {
    return columnsOf(this.io.stdout, this.env);
  }

  /** Prints a result: one JSON document with `--json`, else lines for people. Nothing else is ever written to stdout. */
  print(result: unknown, lines: readonly string[], { json = false }: { json?: boolean }): void {
    this.hideLine();
    if (json) this.#writeJson(result, 2);
    else this.write(printable(lines.map((line) => `${line}\n`).join('')));
  }

  /** Prints one of several results, each as one line of JSON. */
  printLine(result: unknown): void {
    this.hideLine();
    this.#writeJson(result, 0);
  }

  #writeJson(result: unknown, indent: number): void {
    // Text by text: what is redacted must not reach over the end of a string.
    const clean = (_: string, value: unknown) => (typeof value === 'string' ? asTyped(redact(value)) : value);
    // JSON escapes the first 32 characters by itself, and not the others that a terminal obeys.
    this.io.stdout.write(`${printable(JSON.stringify(result, clean, indent))}\n`);
  }

  /** Writes a text to stdout, without users and passwords. */
  write(text: string): void {
    this.hideLine();
    this.io.stdout.write(asTyped(redact(text)));
  }

  /** Says on stderr how things are going. Control characters, which may come from the database, are escaped. */
  progress(line: string): void {
    this.hideLine();
    this.io.stderr.write(`${printable(asTyped(redact(line)))}\n`);
  }
}
