import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { frozenName, type Frozen } from '../../history';
import type { Base } from './types';

const run = promisify(execFile);
const migrationFile = /^\d{14}-[\w-]+\.ts$/;

/**
 * The migrations of a folder as a git ref has them.
 * @throws Error with code `USAGE` when git, the repository or the ref is not there.
 */
export async function readBase(folder: string, ref: string): Promise<Base> {
  const commit = await commitOf(folder, ref);
  const [names, shared, frozen] = await Promise.all([
    namesAt(folder, commit),
    forkOf(folder, commit).then((fork) => namesAt(folder, fork)),
    frozenAt(folder, commit),
  ]);
  return { label: ref, names, shared: shared.filter((name) => names.includes(name)), frozen };
}

async function commitOf(folder: string, ref: string): Promise<string> {
  if (ref.startsWith('-') || ref.trim() === '') throw usageError(`"${ref}" is no git ref.`);
  await git(folder, 'rev-parse', '--git-dir').catch((cause: unknown) => {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw usageError(
      isMissing ? 'git is not installed, and --base reads a git ref.' : `${folder} is in no git repository.`,
      cause,
    );
  });
  return git(folder, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`).catch((cause: unknown) => {
    const remedy = `Is it fetched? \`git fetch origin ${ref.replace(/^origin\//, '')}\`; a shallow clone has few.`;
    throw usageError(`git knows no commit "${ref}". ${remedy}`, cause);
  });
}

/** Where this branch left the base; the base itself where a shallow clone does not tell. */
function forkOf(folder: string, commit: string): Promise<string> {
  return git(folder, 'merge-base', 'HEAD', commit).catch(() => commit);
}

async function namesAt(folder: string, commit: string): Promise<string[]> {
  const listed = await git(folder, 'ls-tree', '-z', '--name-only', commit, './');
  return listed
    .split('\0')
    .map((file) => path.posix.basename(file))
    .filter((name) => migrationFile.test(name));
}

async function frozenAt(folder: string, commit: string): Promise<Frozen> {
  const listed = await git(folder, 'ls-tree', '-z', '--name-only', commit, `./${frozenName}`);
  if (listed === '') return {};
  return JSON.parse(await git(folder, 'show', `${commit}:./${frozenName}`)) as Frozen;
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

function usageError(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'USAGE' });
}
