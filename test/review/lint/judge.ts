import path from 'node:path';
import { migration, type Step } from '../../../src/migration';
import { lint, type Finding, type LintReport } from '../../../src/review/lint';

/** Migrations that are merged, each by its steps, and migrations that are new; with the sources of the new ones. */
export interface Told {
  readonly base?: readonly (readonly Step[])[];
  readonly next: readonly (readonly Step[])[];
  readonly sources?: readonly string[];
  /** Other names for the new ones than the time gives them. */
  readonly names?: readonly string[];
  /** False: as if there were no base to compare with. */
  readonly against?: false;
}

const project = path.resolve('project');

/** Judges them, the merged ones as the base. */
export function judge({ base = [], next, sources = [], names = [], against }: Told): LintReport {
  const merged = base.map((steps, at) => migration(file(`2026010100000${at}-merged.ts`), ...steps));
  const added = next.map((steps, at) => migration(file(names[at] ?? `2026020100000${at}-new.ts`), ...steps));
  const all = [...merged, ...added].sort((one, other) => (one.name < other.name ? -1 : 1));
  return lint(all, {
    project,
    ...(against !== false && { base: { label: 'main', names: merged.map(({ name }) => name) } }),
    read: (each) => sources[added.indexOf(each)] ?? '',
  });
}

function file(name: string): string {
  return path.join(project, 'migrations', name);
}

export function findingsOf(code: string, told: Told): readonly Finding[] {
  return judge(told).findings.filter((finding) => finding.code === code);
}
