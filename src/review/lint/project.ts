import { dependenciesOf, readFrozen, type Frozen } from '../../project';
import { findMigrations, loadMigrations, textsOf } from '../../project';
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
  const [migrations, frozen] = [loadMigrations(files), readFrozen(folder)];
  const judged = migrations.filter(({ name }) => (base ? !base.names.includes(name) : !isFrozen(name, texts, frozen)));
  return lint(migrations, { base, project, frozen, texts, dependencies: await dependenciesOf(judged) });
}

/** Whether it is as it was when `snapshot` froze it, and looked whether it depends on anything. */
function isFrozen(name: string, texts: ReadonlyMap<string, string>, frozen: Frozen): boolean {
  const entry = frozen[name];
  return entry !== undefined && entry.text === texts.get(name);
}
