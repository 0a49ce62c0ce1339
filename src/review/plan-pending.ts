import path from 'node:path';
import type { Connection } from '../database';
import { foldIfTheyFit, forecastAll, planOn, type selectPending } from '../deploy';
import { inAppliedOrder, readEvents, type MigrationStatus } from '../history';
import type { Migration } from '../migration';
import { isPlain } from '../migration/types';
import type { FoldKeeper, Project } from '../project';
import { namesOf, ownMigrations } from '../project/project';
import { diffBetween, summarize, type Schema } from '../schema';
import { pendingLosses } from './index-losses';
import { lint } from './lint';
import { planBase, planWith, type PlanOfMigrations, type PlanOptions, type PlanReport } from './plan';

/**
 * Returns what a deploy would do now: every pending change compared with the live schema, and its effect on the live data.
 * Writes nothing, and needs only the right to read.
 * @throws error with code `HISTORY` when the history is broken, `CONFLICT` when something else is in the place of a change
 */
export function plan(options: PlanOptions): Promise<PlanReport> {
  return planWith(() => planPending, options);
}

/** What `plan` has read before it loads the migrations. */
interface Found {
  readonly options: PlanOptions;
  readonly project: Project;
  readonly statuses: readonly MigrationStatus[];
  readonly selection: ReturnType<typeof selectPending>;
  readonly keeper: FoldKeeper | undefined;
}

/** Loads the migrations, and plans those that are selected. Writes nothing to the database. */
export async function planPending(
  { db, server }: Connection,
  { options, project, statuses, selection: { pending: selected, left }, keeper }: Found,
): Promise<PlanOfMigrations> {
  const migrations = project.load();
  const byName = new Map(migrations.map((one) => [one.name, one]));
  const pick = (names: readonly string[]) => names.flatMap((wanted) => byName.get(wanted) ?? []);
  const isSelected = new Set(selected);
  const names = namesOf(inAppliedOrder(statuses)).filter((name) => !isSelected.has(name));
  const [applied, pending] = [pick(names), pick(selected)];
  const { released = [], queries = [] } = options;
  const planned =
    pending.length === 0
      ? []
      : await planOn(db, migrations, pending, {
          maxTimeMS: options.lookLimit,
          trial: { isReplicaSet: server.isReplicaSet, mayWrite: false },
        });
  const [before, after] = [foldIfTheyFit(applied), foldIfTheyFit([...applied, ...pending])];
  if (selected.length === 0 && typeof before !== 'string') {
    keeper?.keep(project, names, { schema: before, isOfPlain: applied.some(isPlain) });
  }
  const unchangeable = selected.length === 0 ? [] : typeof released === 'function' ? await released() : released;
  return {
    pending: planned,
    left,
    indexLosses: await pendingLosses(options, db, planned, { queries, applied }),
    forecasts: await forecastAll(db, planned, pending, () => readEvents(db)),
    lint: lint([...applied, ...pending], {
      base: { label: planBase, names: [...names, ...selected.filter((name) => unchangeable.includes(name))] },
      project: path.dirname(options.folder ?? ownMigrations),
    }),
    ...compareFolds(before, after, pending),
  };
}

function compareFolds(
  before: Schema | string,
  after: Schema | string,
  pending: readonly Migration[],
): Pick<PlanReport, 'schemaChanges' | 'before' | 'after' | 'obstacle'> {
  const obstacle = [before, after].find((fold) => typeof fold === 'string');
  if (typeof before === 'string' || typeof after === 'string')
    return { schemaChanges: [], ...(obstacle && { obstacle }) };
  return {
    schemaChanges: diffBetween(
      before,
      after,
      pending.flatMap(({ changes }) => changes),
    ),
    before: summarize(before),
    after: summarize(after),
  };
}
