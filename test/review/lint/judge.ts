import path from 'node:path';
import { migration, type Step } from '../../../src/migration';
import { lint, type Finding, type LintReport } from '../../../src/review/lint';

/** Migrations that are merged and migrations that are new, each by its steps; with the sources of the new ones. */
export interface Scenario {
  readonly base?: readonly (readonly Step[])[];
  readonly next: readonly (readonly Step[])[];
  readonly sources?: readonly string[];
  /** Other names for the new ones than the time gives them. */
  readonly names?: readonly string[];
  /** What these depend on, by name. */
  readonly dependencies?: Readonly<Record<string, readonly string[]>>;
  /** False: as if there were no base to compare with. */
  readonly against?: false;
}

const project = path.resolve('project');

/** Judges them, the merged ones as the base. */
export function judge({ base = [], next, sources = [], names = [], dependencies = {}, against }: Scenario): LintReport {
  const merged = base.map((steps, at) => migration(file(`2026010100000${at}-merged.ts`), ...steps));
  const added = next.map((steps, at) => migration(file(names[at] ?? `2026020100000${at}-new.ts`), ...steps));
  const all = [...merged, ...added].sort((one, other) => (one.name < other.name ? -1 : 1));
  return lint(all, {
    project,
    now: new Date('2026-06-01T12:00:00Z'),
    dependencies: new Map(Object.entries(dependencies)),
    ...(against !== false && { base: { label: 'main', names: merged.map(({ name }) => name) } }),
    read: (each) => sources[added.indexOf(each)] ?? '',
  });
}

function file(name: string): string {
  return path.join(project, 'migrations', name);
}

export function findingsOf(code: string, scenario: Scenario): readonly Finding[] {
  return judge(scenario).findings.filter((finding) => finding.code === code);
}
