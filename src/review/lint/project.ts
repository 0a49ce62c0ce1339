import { readFrozen } from '../../history';
import { findMigrations, loadMigrations, textsOf } from '../../migration';
import { readBase } from './base';
import { lint } from './lint';
import type { LintReport } from './types';

/** Judges the migrations of a project: all of them, or those that are new against a git ref. */
export async function lintProject(
  { project, migrations: folder }: { readonly project: string; readonly migrations: string },
  { base: ref }: { readonly base?: string | undefined } = {},
): Promise<LintReport> {
  const base = ref === undefined ? undefined : await readBase(folder, ref);
  const files = findMigrations(folder);
  const texts = new Map(textsOf(files).map(({ name, checksum }) => [name, checksum]));
  return lint(loadMigrations(files), { base, project, frozen: readFrozen(folder), texts });
}
