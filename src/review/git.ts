import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What git answers, in a folder of a repository. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/**
 * The commit that a ref names.
 * @throws Error with code `USAGE` when git, the repository or the ref is not there.
 */
export async function commitOf(folder: string, ref: string): Promise<string> {
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

/** Where this branch left a commit; the commit itself where a shallow clone does not tell. */
export function forkOf(folder: string, commit: string): Promise<string> {
  return git(folder, 'merge-base', 'HEAD', commit).catch(() => commit);
}

/** The names of what lies in a folder at a commit. */
export async function namesAt(folder: string, commit: string): Promise<string[]> {
  const listed = await git(folder, 'ls-tree', '-z', '--name-only', commit, './');
  return listed.split('\0').map((file) => file.slice(file.lastIndexOf('/') + 1));
}

/** A JSON file of a folder at a commit; undefined where there is none. */
export async function jsonAt(folder: string, commit: string, name: string): Promise<unknown> {
  const listed = await git(folder, 'ls-tree', '-z', '--name-only', commit, `./${name}`);
  return listed === '' ? undefined : JSON.parse(await git(folder, 'show', `${commit}:./${name}`));
}

function usageError(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'USAGE' });
}
