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

/** A tool at work. */
export interface RunningTool {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves to what it wrote to stderr when it ends well; rejects with what it said went wrong. */
  readonly ended: Promise<string>;
  /** What it said last, without the time: while it gets on, that changes. */
  lastLine(): string;
  kill(): void;
}

/** Reads the connection string from the first line of its input, so that no list of processes shows it. */
const inContainer =
  'umask 077; IFS= read -r config || exit 1; file=$(mktemp) || exit 1; trap \'rm -f "$file"\' EXIT; ' +
  'printf "%s\\n" "$config" >"$file"; tool=$1; shift; "$tool" --config="$file" "$@"';

/**
 * Ends a tool when this process is gone, however it went: the other end of descriptor 3 is closed then. A tool that waits for a
 * server writes and reads nothing, and would not notice.
 */
const untilParentEnds =
  'exec 4<&0; "$@" <&4 3<&- 4<&- & tool=$!; exec 4<&-; ' +
  '{ read -r _ <&3; kill -9 "$tool"; } </dev/null >/dev/null 2>&1 & watch=$!; ' +
  'wait "$tool"; status=$?; kill "$watch" 2>/dev/null; exit "$status"';

/** How much of what a tool says is kept: it says something every few seconds. */
const keptOutput = 64 * 1024;

/**
 * Starts mongodump or mongorestore. The connection string goes through a file that only this user can read, and that is
 * gone as soon as the tool has read it. A tool whose input or output ends early, because this process was killed, ends too.
 */
export async function startTool(
  tools: Tools,
  name: ToolName,
  url: MongoUrl,
  args: readonly string[],
): Promise<RunningTool> {
  // JSON is YAML.
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
    // A group of its own: Ctrl-C in a terminal must reach only this program, which then ends the tool.
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
/** Milliseconds. A tool has read its configuration long before. */
const longAgo = 60 * 60 * 1000;

/** Removes what this user's processes left that were killed before their tool said its first line. */
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
    // Whoever speaks has read its configuration.
    void remove();
    output = (output + text).slice(-keptOutput);
  });
  // Its end says why it takes no more.
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
  // Whoever started it may look only later.
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

/** In front of each line of a tool. */
const time = /^\d{4}-\S+\s+/;

/** Its shell and the tool itself: it leads a group of its own. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** What a tool said last, without times, progress and secrets. */
function failureOf(name: ToolName, output: string, url: MongoUrl, how: number | string | null): SchemaError {
  const lines = output
    .split('\n')
    .map((line) => line.replace(time, '').trim())
    .filter((line) => line !== '' && !/^\[[#.]*\]/.test(line));
  const failed = lines.filter((line) => /^(?:Failed|error|panic|.*can't |.*could not )/i.test(line));
  const said = failed.length > 0 ? failed : lines.length > 0 ? lines : ['it printed no reason'];
  const clean = (line: string) =>
    secretsOf(url).reduce((text, secret) => text.replaceAll(secret, '<credentials>'), redact(line));
  const ended = `it ended with ${typeof how === 'number' ? `exit code ${how}` : String(how)}`;
  return new SchemaError('BACKUP', `${name} failed`, { why: [ended, ...said.slice(-3).map(clean)] });
}

/** Their users are kept outside of any database. */
const external = new Set(['MONGODB-X509', 'MONGODB-AWS', 'MONGODB-OIDC', 'GSSAPI', 'PLAIN']);

/** A connection string as the MongoDB Database Tools take it: the database is named apart, and waiting is bounded. */
export function toolUrl(url: MongoUrl): string {
  return url.withoutOverridden().with(forTools).reveal();
}

function forTools(parsed: ConnectionString): void {
  const { searchParams } = parsed;
  const isExternal = external.has(searchParams.get('authMechanism') ?? '');
  if (parsed.username !== '' && !searchParams.has('authSource') && !isExternal) {
    // The path says where the user is kept, and it has to go: the tools refuse a second name of a database. Told nothing,
    // they would look for the user in the one that is dumped.
    searchParams.set('authSource', decodeURIComponent(parsed.pathname.slice(1)) || 'admin');
  }
  parsed.pathname = '/';
  if (!parsed.searchParams.has('serverSelectionTimeoutMS'))
    parsed.searchParams.set('serverSelectionTimeoutMS', '10000');
}

/** The secrets of a connection string, encoded and decoded. */
function secretsOf({ password }: MongoUrl): string[] {
  return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])];
}
