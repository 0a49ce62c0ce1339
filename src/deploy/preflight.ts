import type { Db } from 'mongodb';
import {
  isDataStep,
  judgePending,
  kindOf,
  lookBefore,
  type Migration,
  type PreflightFinding,
  type Verdict,
} from '../migration';
import { documentKeysOf, Draft, readSchema, type Change, type LiveSchema } from '../schema';

/** A pending change, and how it stands to the live schema. */
export interface PlannedChange {
  readonly change: Change;
  readonly verdict: Verdict;
  readonly findings: readonly PreflightFinding[];
  /** Not looked at yet: an earlier pending migration writes to the collection, and what counts is what it leaves. */
  readonly isCheckedLater: boolean;
}

export interface PlannedMigration {
  readonly name: string;
  readonly changes: readonly PlannedChange[];
  /** What its data steps do, in words. */
  readonly dataSteps: readonly string[];
}

/** Reads the live schema, and plans on it. `all` are the migrations whose reference documents are to be looked for. */
export async function planOn(
  db: Db,
  all: readonly Migration[],
  pending: readonly Migration[],
): Promise<PlannedMigration[]> {
  const live = await readSchema(db, { documents: documentKeysOf(all) });
  return planMigrations(db, live, pending);
}

/**
 * Judges pending migrations against the live schema, and looks at the data that their changes depend on. Read-only.
 * @throws Error with code `CONFLICT` when something else stands in a change's place.
 */
export async function planMigrations(
  db: Db,
  live: LiveSchema,
  pending: readonly Migration[],
): Promise<PlannedMigration[]> {
  const verdicts = judgePending(live, pending);
  const draft = new Draft(live.schema);
  const written = new WrittenCollections();
  const planned: PlannedMigration[] = [];
  for (const { name, steps } of pending) {
    const changes: PlannedChange[] = [];
    for (const step of steps) {
      if (isDataStep(step)) {
        written.add(step.writes);
        continue;
      }
      for (const change of step.changes) {
        const verdict = verdicts.get(change) ?? 'pending';
        const isCheckedLater = verdict === 'pending' && written.has(change.at[0]);
        const isThere = Object.hasOwn(live.schema, change.at[0]);
        const looksNow = verdict === 'pending' && isThere && !isCheckedLater;
        const index = change.at[1] === 'indexes' ? draft.indexesOf(change.at[0]).get(change.at[2]) : undefined;
        const findings = looksNow ? await lookBefore(db, kindOf(change), change, index) : [];
        changes.push({ change, verdict, findings, isCheckedLater });
        if (verdict === 'pending') draft.set(change.at, change.to);
      }
    }
    const dataSteps = steps.filter(isDataStep).flatMap(({ describe }) => describe);
    planned.push({ name, changes, dataSteps });
  }
  return planned;
}

/** The collections that data steps write to; a step that does not tell may write to any. */
class WrittenCollections {
  readonly #names = new Set<string>();
  #any = false;

  add(names: readonly string[] | undefined): void {
    if (!names) this.#any = true;
    for (const name of names ?? []) this.#names.add(name);
  }

  has(name: string): boolean {
    return this.#any || this.#names.has(name);
  }
}

/**
 * Refuses what the preflight knows would fail; `allowDataLoss` names the migrations that may lose documents.
 * @throws Error with code `PREFLIGHT` naming each finding that blocks, and the migration that it blocks.
 */
export function refuseBlocked(planned: readonly PlannedMigration[], allowDataLoss: readonly string[] = []): void {
  const lines = planned.flatMap(({ name, changes }) => {
    const isAllowed = ({ kind }: PreflightFinding) => kind === 'documents to lose' && allowDataLoss.includes(name);
    const blocking = changes.flatMap(({ findings }) => findings.filter((one) => one.blocks && !isAllowed(one)));
    return blocking.map((finding) => `  ${name}: ${describeFinding(finding)}`);
  });
  if (lines.length === 0) return;
  const message = `The data would make a migration fail, so nothing was changed.\n${lines.join('\n')}`;
  throw Object.assign(new Error(message), { code: 'PREFLIGHT' });
}

/** `index users.email_1: 2 values of email are there more than once (for instance 64… and 65…)`. */
export function describeFinding({ place, message, samples }: PreflightFinding): string {
  return `${place}: ${message}${samples.length > 0 ? ` (for instance ${samples.join('; ')})` : ''}`;
}
