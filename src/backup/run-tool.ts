import { spawn, type ChildProcess } from 'node:child_process';
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { redact } from '../support/redact';
import { SchemaError } from '../support/schema-error';
import type { ToolName, Tools } from './tools';
import type { ConnectionString } from 'mongodb-connection-string-url';
import type { MongoUrl } from '../support/mongo-url';

/** A running tool. */
export interface RunningTool {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves to the tool's stderr output when the tool succeeds; rejects with its error message. */
  readonly ended: Promise<string>;
  /** Returns the last line of the tool's output, without the time. The line changes while the tool makes progress. */
  lastLine(): string;
  kill(): void;
}

/** A shell script that reads the connection string from the first line of its input, so that no process list shows it. */
const inContainer =
  'umask 077; IFS= read -r config || exit 1; file=$(mktemp) || exit 1; trap \'rm -f "$file"\' EXIT; ' +
  'printf "%s\\n" "$config" >"$file"; tool=$1; shift; "$tool" --config="$file" "$@"';

/**
 * A shell script that ends a tool when this process has ended for any reason. The script notices the end because the other end of
 * descriptor 3 is closed. The tool itself would not notice while it waits for a server, because it then neither reads nor writes.
 */
const untilParentEnds =
  'exec 4<&0; "$@" <&4 3<&- 4<&- & tool=$!; exec 4<&-; ' +
  '{ read -r _ <&3; kill -9 "$tool"; } </dev/null >/dev/null 2>&1 & watch=$!; ' +
  'wait "$tool"; status=$?; kill "$watch" 2>/dev/null; exit "$status"';

/** How many characters of a tool's output are kept. A tool prints a line every few seconds. */
const keptOutput = 64 * 1024;

/**
 * Starts mongodump or mongorestore. The connection string is passed in a file that only this user can read. The file is
 * removed as soon as the tool has read it. When this process is killed, the tool's input or output ends, and the tool ends too.
 */
export async function startTool(
  tools: Tools,
  name: ToolName,
  url: MongoUrl,
  args: readonly string[],
): Promise<RunningTool> {
  // JSON is valid YAML.
  const config = `uri: ${JSON.stringify(toolUrl(url))}\n`;
  if ('container' in tools) {
    const child = spawn('docker', ['exec', '-i', tools.container, 'sh', '-c', inContainer, 'sh', name, ...args], {
      detached: true,
    });
    child.stdin.write(config);
    return running(child, name, url, () => Promise.resolve());
  }
  await removeLeftConfigs();
  const folder = await mkdtemp(path.join(tmpdir(), folderPrefix));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, 'config.yaml');
    await writeFile(file, config, { mode: 0o600 });
    // A separate process group: Ctrl-C in a terminal must reach only this program, which then ends the tool.
    const command = [path.join(tools.folder, name), `--config=${file}`, ...args];
    const child = spawn('/bin/sh', ['-c', untilParentEnds, 'sh', ...command], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    return running(child, name, url, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

const folderPrefix = 'schema-tool-';
/** In milliseconds. A tool has read its configuration long before this time has passed. */
const longAgo = 60 * 60 * 1000;

/** Removes configuration files of processes that were killed before their tool printed a line. */
async function removeLeftConfigs(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((name) => name.startsWith(folderPrefix))) {
    const folder = path.join(tmpdir(), name);
    const found = await lstat(folder).catch(() => undefined);
    if (!found?.isDirectory() || found.uid !== process.getuid?.() || Date.now() - found.mtimeMs < longAgo) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function running(
  child: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable },
  name: ToolName,
  url: MongoUrl,
  removeConfig: () => Promise<void>,
): RunningTool {
  let output = '';
  let removed: Promise<void> | undefined;
  const remove = () => (removed ??= removeConfig());
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // A tool that prints a line has read its configuration.
    void remove();
    output = (output + text).slice(-keptOutput);
  });
  // Ignore write errors: the tool's own error explains why it accepts no more input.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', (error) => {
      reject(new SchemaError('BACKUP', `Cannot start ${name}`, { why: error.message, cause: error }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(failureOf(name, output, url, code ?? signal));
    });
  }).finally(remove);
  // The caller may await `ended` later, so this handler prevents an unhandled rejection.
  ended.catch(() => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    lastLine: () => output.trimEnd().split('\n').at(-1)?.replace(time, '') ?? '',
    kill: () => {
      killGroup(child);
    },
  };
}

/** The time at the start of each line that a tool prints. */
const time = /^\d{4}-\S+\s+/;

/** Kills the shell and the tool, which share a process group. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}

/** Returns an error with the last output of a tool, without times, progress and secrets. */
function failureOf(name: ToolName, output: string, url: MongoUrl, how: number | string | null): SchemaError {
  const lines = output
    .split('\n')
    .map((line) => line.replace(time, '').trim())
    .filter((line) => line !== '' && !/^\[[#.]*\]/.test(line));
  const failed = lines.filter((line) => /^(?:Failed|error|panic|.*can't |.*could not )/i.test(line));
  const said = failed.length > 0 ? failed : lines.length > 0 ? lines : ['it printed no reason'];
  const clean = (line: string) =>
    secretsOf(url).reduce((text, secret) => text.replaceAll(secret, '<credentials>'), redact(line));
  const ended = `the program ended with ${typeof how === 'number' ? `exit code ${how}` : String(how)}`;
  return new SchemaError('BACKUP', `${name} failed`, { why: [ended, ...said.slice(-3).map(clean)] });
}

/** Authentication mechanisms whose users are not stored in a database. */
const external = new Set(['MONGODB-X509', 'MONGODB-AWS', 'MONGODB-OIDC', 'GSSAPI', 'PLAIN']);

/**
 * Returns a connection string for the MongoDB Database Tools, without a database, which is passed separately, and with a time limit for
 * finding a server.
 */
export function toolUrl(url: MongoUrl): string {
  return url.withoutOverridden().with(forTools).reveal();
}

function forTools(parsed: ConnectionString): void {
  const { searchParams } = parsed;
  const isExternal = external.has(searchParams.get('authMechanism') ?? '');
  if (parsed.username !== '' && !searchParams.has('authSource') && !isExternal) {
    // The path of a connection string names the user's database. The path must be removed, because the tools refuse a second database name.
    // Without authSource, the tools would then look for the user in the dumped database.
    searchParams.set('authSource', decodeURIComponent(parsed.pathname.slice(1)) || 'admin');
  }
  parsed.pathname = '/';
  if (!parsed.searchParams.has('serverSelectionTimeoutMS'))
    parsed.searchParams.set('serverSelectionTimeoutMS', '10000');
}

/** Returns the password of a connection string, encoded and decoded. */
function secretsOf({ password }: MongoUrl): string[] {
  return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])];
}
