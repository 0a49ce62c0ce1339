import { dependenciesOf, readFrozen, type Frozen } from '../../project';
import { findMigrations, loadMigrations, textsOf } from '../../project';
import { migrationName } from '../../migration';
import { readBase } from './base';
import { lint } from './lint';
import type { Finding, LintReport } from './types';

/**
 * Checks the migrations of a project: all of them, or those that a git ref does not contain.
 * @param only the only migration whose findings are returned; later migrations are not loaded
 */
export async function lintProject(
  { project, migrations: folder }: { readonly project: string; readonly migrations: string },
  { base: ref, only }: { readonly base?: string | undefined; readonly only?: string | undefined } = {},
): Promise<LintReport> {
  const base = ref === undefined ? undefined : await readBase(folder, ref);
  const files = findMigrations(folder).filter((file) => only === undefined || migrationName(file) <= only);
  const texts = new Map(textsOf(files).map(({ name, checksum }) => [name, checksum]));
  const [migrations, frozen] = [loadMigrations(files), readFrozen(folder)];
  const judged = migrations.filter(({ name }) => (base ? !base.names.includes(name) : !isFrozen(name, texts, frozen)));
  const looked = judged.filter(({ name }) => only === undefined || name === only);
  const report = lint(migrations, { base, project, frozen, texts, dependencies: await dependenciesOf(looked) });
  return only === undefined ? report : onlyOf(report, only);
}

function onlyOf({ findings, suppressed, judged, ...report }: LintReport, only: string): LintReport {
  const own = findings.filter(({ migration }) => migration === only);
  const of = (wanted: Finding['severity']) => own.filter(({ severity }) => severity === wanted).length;
  return {
    ...report,
    judged: judged.filter((name) => name === only),
    findings: own,
    suppressed: suppressed.filter(({ migration }) => migration === only),
    errors: of('error'),
    warnings: of('warning'),
  };
}

/** Returns whether a migration is unchanged since `snapshot` froze it and checked its dependencies. */
function isFrozen(name: string, texts: ReadonlyMap<string, string>, frozen: Frozen): boolean {
  const entry = frozen[name];
  return entry !== undefined && entry.text === texts.get(name);
}
