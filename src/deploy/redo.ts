import { historyError, type MigrationState, type MigrationStatus } from '../history';
import { withRun, type Run, type RunMigration, type RunOptions } from '../execute/run';
import type { Migration } from '../migration';
import { namesOf, pick, resolveName } from '../project/project';
import { errorCodeOf } from '../support/error-codes';
import { because, SchemaError } from '../support/schema-error';
import { carryOut } from './carry-out';
import { undoOfApplied } from './undo-applied';
import { refuseIrreversible, refuseOtherText } from './unfinished';

export interface RedoOptions extends RunOptions {
  /** The merged migrations. Other people may have applied them, so `redo` refuses them. */
  readonly merged: readonly string[];
  /** The migration to redo. The default is the newest migration that is applied and not merged. */
  readonly migration?: string | undefined;
  /** The migrations whose `down` may delete documents or values of fields. */
  readonly allowDataLoss?: readonly string[] | undefined;
}

export interface RedoReport {
  readonly migration: string;
  /** Whether the text of the migration changed after it was applied. */
  readonly wasEdited: boolean;
  /** Whether the migration had begun and not finished. If this is true, the finished part of the migration was undone. */
  readonly wasUnfinished: boolean;
  readonly down: RunMigration;
  readonly up: RunMigration;
}

/**
 * Rolls a migration back as it was applied, and applies it again from its file. If the migration failed halfway, its finished part is
 * undone by the file, whose text must be unchanged.
 * @throws error with code `USAGE`, before anything is written, when no migration can be redone; with code `HISTORY` when the migration
 *   is broken in another way than by an edit, or was edited after it failed halfway; with code `IRREVERSIBLE` when it failed halfway and
 *   has a step that cannot be undone; with code `DATA_LOSS` when rolling back would delete documents or values.
 */
export async function redo(options: RedoOptions): Promise<RedoReport> {
  return withRun('redo', options, async (run) => {
    const status = select(run.statuses, options);
    const all = run.project.load();
    const [migration] = pick(all, [status.name]);
    if (!migration) throw nothingToRedo(run.statuses, options.merged);
    const wasUnfinished = status.unfinished !== undefined;
    if (wasUnfinished) refuseIrreversible(migration);
    const wasEdited = status.applied !== undefined && status.applied.checksum !== status.checksum;
    const undo = wasEdited
      ? await undoOfApplied(run.db, status, migration, othersApplied(run, all, status))
      : migration;
    const allowDataLoss = (options.allowDataLoss ?? []).some((name) => resolveName(namesOf(all), name) === status.name);
    const down = await carryOut(run, undo, 'down', { ...options, allowDataLoss, block: 0 }).catch((error: unknown) => {
      throw errorCodeOf(error) === 'DATA_LOSS' ? withWayOn(error, status.name) : error;
    });
    const up = await carryOut(run, migration, 'up', { ...options, allowDataLoss, block: Date.now() });
    return { migration: status.name, wasEdited, wasUnfinished, down, up };
  });
}

function othersApplied({ statuses }: Run, all: readonly Migration[], { name }: MigrationStatus): Migration[] {
  const applied = new Set(namesOf(statuses.filter(({ isRecorded }) => isRecorded)));
  return all.filter((one) => one.name !== name && applied.has(one.name));
}

/** The states of a migration that can be redone. An interrupted rollback is finished first. */
const redoable: ReadonlySet<MigrationState> = new Set(['applied', 'edited', 'half rolled back']);

/** The states in which a migration can be redone if it began and has no row in the changelog. */
const unfinishedToo: ReadonlySet<MigrationState> = new Set(['failed', 'pending']);

function select(statuses: readonly MigrationStatus[], { merged, migration }: RedoOptions): MigrationStatus {
  const isBegun = ({ isRecorded, unfinished }: MigrationStatus) => isRecorded || unfinished !== undefined;
  const candidates = statuses.filter((status) => isBegun(status) && !merged.includes(status.name));
  const wanted = migration === undefined ? undefined : resolveName(namesOf(statuses), migration);
  if (wanted !== undefined && merged.includes(wanted)) {
    throw new SchemaError('USAGE', `${wanted} is merged, so nothing was changed`, {
      why: 'its old text may be applied to other databases',
      fix: 'restore its text, and write a new migration: `new NAME`',
    });
  }
  const found = wanted === undefined ? candidates.at(-1) : candidates.find(({ name }) => name === wanted);
  if (found === undefined) throw nothingToRedo(statuses, merged);
  const { state, unfinished } = found;
  const error = redoable.has(state) || (unfinished && unfinishedToo.has(state)) ? undefined : historyError([found]);
  if (error) throw error;
  refuseOtherText(found, 'redo');
  return found;
}

function nothingToRedo(statuses: readonly MigrationStatus[], merged: readonly string[]): SchemaError {
  const isNew = ({ name }: MigrationStatus) => !merged.includes(name);
  const pending = namesOf(statuses.filter((status) => isNew(status) && !status.isRecorded));
  return new SchemaError('USAGE', 'There is no migration to redo, so nothing was changed', {
    why: pending.length === 0 ? 'every migration is merged' : `not applied yet: ${pending.join(', ')}`,
    fix: pending.length === 0 ? 'to change the schema, write a new migration: `new NAME`' : 'apply it with `deploy`',
  });
}

function withWayOn(error: unknown, name: string): SchemaError {
  return because(error, `Cannot redo ${name}`, { fix: `to allow the deletion: \`redo --allow-data-loss ${name}\`` });
}
