import { execa } from 'execa';

/** Runs git in a repository. Resolves to its output. */
export type Git = (...args: readonly string[]) => Promise<string>;

/** Makes a folder a repository, with its contents as the only commit of the branch `main`. */
export async function makeRepository(folder: string): Promise<Git> {
  const git = gitIn(folder);
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Start');
  return git;
}

/** Runs git with only the repository's own configuration, and without variables that name another repository, as git sets them for hooks. */
export function gitIn(folder: string): Git {
  const { PATH = '' } = process.env;
  const env = {
    ...{ PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    ...{ GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@example.com' },
    ...{ GIT_COMMITTER_NAME: 'Test', GIT_COMMITTER_EMAIL: 'test@example.com' },
  };
  return async (...args) => (await execa('git', args, { cwd: folder, env, extendEnv: false })).stdout;
}
