import { createRequire } from 'node:module';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { inject } from 'vitest';
import { product } from '../../product';
import { run } from '../../src/cli/run';

/** The output and the exit code of a command. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string>>;

/** A project for commands. */
export interface Project {
  /** The folder of its migrations. */
  readonly folder: string;
}

/** A command in this process. */
export interface Here {
  readonly ended: Promise<Ended>;
  /** Returns its stderr output so far. */
  readonly stderr: () => string;
}

/**
 * Starts the command line in this process, on a project's migrations. It sees only the given variables, and
 * loads the present file of each migration.
 */
export function startHere(project: Project, args: readonly string[], env: Environment = {}): Here {
  forgetModules(project.folder);
  const [stdout, stderr] = [new Collected(), new Collected()];
  const io = { stdin: Readable.from([]), stdout, stderr };
  const exitCode = run([...args, '--migrations', project.folder], io, env, product);
  const ended = exitCode.then((code): Ended => ({ exitCode: code, stdout: stdout.text, stderr: stderr.text }));
  return { ended, stderr: () => stderr.text };
}

/** Runs a command to its end. */
export function runSchema(project: Project, args: readonly string[], env: Environment = {}): Promise<Ended> {
  return startHere(project, args, env).ended;
}

/** Parses stdout as one JSON document. */
export function documentOf({ stdout, stderr }: Ended): Record<string, unknown> {
  if (stdout === '') throw new Error(`Stdout is empty. Stderr: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Returns variables that name a database of the test server. */
export function serverEnvironment(database: string): Record<string, string> {
  return { MONGODB_URL: inject('mongodb').url, MONGODB_DATABASE: database };
}

/** A stream that collects what is written to it. */
export class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const { cache } = createRequire(__filename);

function forgetModules(folder: string): void {
  for (const file of Object.keys(cache)) {
    if (file.startsWith(folder + path.sep)) Reflect.deleteProperty(cache, file);
  }
}
