import { spawn, type ChildProcess } from 'node:child_process';
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { redact } from '../../redact';
import { backupError } from './errors';
import { secretsOf, toolUrl } from './tool-url';
import type { ToolName, Tools } from './tools';

/** A tool at work. */
export interface RunningTool {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves to what it wrote to stderr when it ends well; rejects with what it said went wrong. */
  readonly ended: Promise<string>;
  kill(): void;
}

/** Reads the connection string from the first line of its input, so that it stands in no list of processes. */
const inContainer =
  'umask 077; IFS= read -r config || exit 1; file=$(mktemp) || exit 1; trap \'rm -f "$file"\' EXIT; ' +
  'printf "%s\\n" "$config" >"$file"; tool=$1; shift; "$tool" --config="$file" "$@"';

/** How much of what a tool says is kept: it says something every few seconds. */
const keptOutput = 64 * 1024;

/**
 * Starts mongodump or mongorestore. The connection string goes through a file that only this user can read, and that is
 * gone as soon as the tool has read it. A tool whose input or output ends early, because this process was killed, ends too.
 */
export async function startTool(
  tools: Tools,
  name: ToolName,
  url: string,
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
    const child = spawn(path.join(tools.folder, name), [`--config=${file}`, ...args], { detached: true });
    return running(child, name, url, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

const folderPrefix = 'sentimatrix-tool-';
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
  url: string,
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
      reject(backupError('FAILED', `${name} cannot be started: ${error.message}`, error));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(backupError('FAILED', failureOf(name, output, url, code ?? signal)));
    });
  }).finally(remove);
  // Whoever started it may look only later.
  ended.catch(() => undefined);
  return { stdin: child.stdin, stdout: child.stdout, ended, kill: () => child.kill('SIGKILL') };
}

/** What a tool said last, without times, progress and secrets. */
function failureOf(name: ToolName, output: string, url: string, how: number | string | null): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\S+\s+/, '').trim())
    .filter((line) => line !== '' && !/^\[[#.]*\]/.test(line));
  const failed = lines.filter((line) => /^(?:Failed|error|panic|.*can't |.*could not )/i.test(line));
  const said = (failed.length > 0 ? failed : lines).slice(-3).join('; ') || 'it said nothing';
  const clean = secretsOf(url).reduce((text, secret) => text.replaceAll(secret, '<credentials>'), redact(said));
  return `${name} failed (${typeof how === 'number' ? `exit code ${how}` : String(how)}): ${clean}`;
}
