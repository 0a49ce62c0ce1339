import { processEnv } from './process-env';

/**
 * Environment variables that make git use another repository, work tree or index than those of the folder in which git runs. The list is
 * the output of `git rev-parse --local-env-vars` without the variables for configuration. Git sets these variables for its hooks and in
 * linked worktrees.
 */
const elsewhere: ReadonlySet<string> = new Set([
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
]);

/** Returns the environment for a git that uses only the folder in which it is started, and writes its messages in English. */
export function gitEnvironment(variables: Readonly<NodeJS.ProcessEnv> = processEnv()): NodeJS.ProcessEnv {
  const kept = Object.entries(variables).filter(([name]) => !elsewhere.has(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
