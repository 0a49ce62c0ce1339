import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gitEnvironment } from '../support/git-environment';
import { redact } from '../support/redact';
import { isSchemaError, SchemaError } from '../support/schema-error';

const run = promisify(execFile);

/**
 * Runs git in the repository of a folder, even if the environment names another repository. Returns the output of git.
 * @throws error with code `USAGE` and git's message when git fails
 */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await ask(folder, args).catch((cause: unknown) => {
    throw new SchemaError('USAGE', `\`git ${args[0] ?? ''}\` failed in ${folder}`, { why: saidByGit(cause), cause });
  });
  return stdout.trim();
}

function ask(folder: string, args: readonly string[]) {
  return run('git', args, { cwd: folder, env: gitEnvironment(), maxBuffer: 64 * 1024 * 1024 });
}

/** Returns the output of git in lines, without passwords: the output may contain the address of a remote with its password. */
function saidByGit(error: unknown): string[] {
  const { stderr, message } = (isSchemaError(error) ? error.cause : error) as Error & { readonly stderr?: string };
  const text = stderr?.trim() ? stderr : message;
  return redact(text.trim()).split('\n');
}

/**
 * Returns the commit that a ref names.
 * @throws error with code `USAGE` when git, the repository or the ref does not exist
 */
export async function commitOf(folder: string, ref: string): Promise<string> {
  if (ref.startsWith('-') || ref.trim() === '') throw new SchemaError('USAGE', `"${ref}" is not a git ref`);
  await ask(folder, ['rev-parse', '--git-dir']).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new SchemaError('USAGE', 'git is not installed, but --base needs it', { fix: 'install git', cause });
    }
    const why = saidByGit(cause);
    const isNone = why.some((line) => line.includes('not a git repository'));
    const summary = isNone ? `${folder} is not in a git repository` : `git cannot read the repository of ${folder}`;
    throw new SchemaError('USAGE', summary, { why, cause });
  });
  return git(folder, 'rev-parse', '--verify', `${ref}^{commit}`).catch((cause: unknown) => {
    throw new SchemaError('USAGE', `git cannot find the commit "${ref}"`, {
      why: [...saidByGit(cause), 'perhaps the commit was not fetched: a shallow clone has only a few commits'],
      fix: `\`git fetch origin ${ref.replace(/^origin\//, '')}\``,
      cause,
    });
  });
}

/** Returns the commit where this branch began. If a shallow clone does not contain that commit, returns the given commit. */
export function forkOf(folder: string, commit: string): Promise<string> {
  return git(folder, 'merge-base', 'HEAD', commit).catch(() => commit);
}

/** Returns the names of the files in a folder at a commit. */
export async function namesAt(folder: string, commit: string): Promise<string[]> {
  const listed = await git(folder, 'ls-tree', '-z', '--name-only', commit, './');
  return listed.split('\0').map((file) => file.slice(file.lastIndexOf('/') + 1));
}

/**
 * Returns the content of a JSON file at a commit; undefined when the file does not exist. The name is a path relative to the folder.
 * @throws error with code `USAGE` for a file outside the folder's repository
 */
export async function jsonAt(folder: string, commit: string, name: string): Promise<unknown> {
  const top = await git(folder, 'rev-parse', '--show-toplevel');
  const file = path.resolve(realpathSync(folder), name);
  if (path.relative(top, file).startsWith('..')) {
    throw new SchemaError('USAGE', `${file} is outside of the git repository ${top}`, {
      why: 'there is no earlier version to compare with',
    });
  }
  const listed = await git(folder, 'ls-tree', '-z', '--name-only', commit, `./${name}`);
  return listed === '' ? undefined : JSON.parse(await git(folder, 'show', `${commit}:./${name}`));
}
