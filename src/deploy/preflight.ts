import type { Db } from 'mongodb';
import {
  isDataStep,
  judgePending,
  kindOf,
  lookBefore,
  type LookOptions,
  type Migration,
  type PreflightFinding,
  type Verdict,
} from '../migration';
import { documentId, documentKeysOf, Draft, readSchema, type Change, type LiveSchema } from '../schema';

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

type Limits = Pick<LookOptions, 'maxTimeMS'>;

/** Reads the live schema, and plans on it. `all` are the migrations whose reference documents are to be looked for. */
export async function planOn(
  db: Db,
  all: readonly Migration[],
  pending: readonly Migration[],
  limits: Limits = {},
): Promise<PlannedMigration[]> {
  const live = await readSchema(db, { documents: documentKeysOf(all) });
  return planMigrations(db, live, pending, limits);
}

/**
 * Judges pending migrations against the live schema, and looks at the data that their changes depend on. Read-only.
 * @throws Error with code `CONFLICT` when something else stands in a change's place.
 */
export async function planMigrations(
  db: Db,
  live: LiveSchema,
  pending: readonly Migration[],
  limits: Limits = {},
): Promise<PlannedMigration[]> {
  const verdicts = judgePending(live, pending);
  const draft = new Draft(live.schema);
  const written = new WrittenCollections();
  const dropped = new Set<string>();
  const planned: PlannedMigration[] = [];
  for (const { name, steps } of pending) {
    const changes: PlannedChange[] = [];
    const removed: Change[] = [];
    for (const step of steps) {
      if (isDataStep(step)) {
        written.add(step.writes);
        continue;
      }
      for (const change of step.changes) {
        const verdict = verdicts.get(change) ?? 'pending';
        const [collection, part, key] = change.at;
        const isPending = verdict === 'pending';
        const kind = kindOf(change);
        // A collection that is made anew by then holds nothing of what is there now.
        const isThere = Object.hasOwn(live.schema, collection) && !dropped.has(collection);
        const isCheckedLater = isPending && written.has(collection);
        const index = part === 'indexes' ? draft.indexesOf(collection).get(key) : undefined;
        const ids = removed.filter(({ at }) => at[0] === collection).map(({ at }) => documentId(String(at[2])));
        const findings =
          isPending && isThere && !isCheckedLater
            ? await lookBefore(db, kind, change, { ...limits, index, removed: ids })
            : [];
        changes.push({ change, verdict, findings, isCheckedLater });
        if (!isPending) continue;
        if (kind === 'removeDocument') removed.push(change);
        if (kind === 'dropCollection') dropped.add(collection);
        draft.set(change.at, change.to);
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

/** What a look took too long to tell, in words. */
export function undetermined(planned: readonly PlannedMigration[]): string[] {
  return planned.flatMap(({ name, changes }) =>
    changes.flatMap(({ findings }) =>
      findings.filter(({ count }) => count === undefined).map((finding) => `${name}: ${describeFinding(finding)}`),
    ),
  );
}

/** `index users.email_1: 2 values of email are there more than once (for instance 64… and 65…)`. */
export function describeFinding({ place, message, samples }: PreflightFinding): string {
  return `${place}: ${message}${samples.length > 0 ? ` (for instance ${samples.join('; ')})` : ''}`;
}
