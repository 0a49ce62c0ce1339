import { explainCommand } from '../database';
import { inverse, type Change } from '../schema';
import { applyChanges, judgeAhead } from './apply';
import { type ChangeOutcome } from './outcome';
import type { OnProgress, Session } from './session';
import { refuseUnrepeatable, runDataStep, type StepOutcome } from './data-steps';
import { refuseLostValues } from './losses';
import { refuseUncallable } from './opaque';
import { irreversibleSteps, isDataStep, type DataStep, type Direction, type Migration } from '../migration/types';
import { SchemaError } from '../support/schema-error';
import { WrittenCollections } from './written-collections';

export interface RunMigrationOptions {
  readonly onProgress?: OnProgress | undefined;
}

/** The outcome of a migration. */
export interface MigrationOutcome {
  readonly changes: readonly ChangeOutcome[];
  /** The outcomes of the data steps, in order. */
  readonly data: readonly StepOutcome[];
}

type RunnableMigration = Pick<Migration, 'name' | 'steps'>;

/** A part of a migration that runs as a whole: the changes of consecutive steps, or one data step. */
type Segment = { readonly changes: readonly Change[] } | { readonly data: DataStep; readonly position: number };

/**
 * Runs a migration in either direction. A migration can be run again: changes that are already in place are skipped.
 * @throws error with code `IRREVERSIBLE`, before anything is written, when a step cannot be undone.
 */
export async function runMigration(
  session: Session,
  migration: RunnableMigration,
  direction: Direction,
  { onProgress }: RunMigrationOptions = {},
): Promise<MigrationOutcome> {
  if (direction === 'down') refuseIrreversible(migration);
  refuseUncallable(migration, direction);
  const segments = segmentsOf(migration, direction);
  // Judge all changes first. Otherwise a conflict in the last changes would be found only after the first changes were made.
  if (segments.length > 1) {
    const { changes, decided, steps, untouched } = knownAhead(segments);
    const look = async () => {
      await judgeAhead(session, changes, direction, decided);
      await refuseLostValues(session, steps, direction);
      await refuseUnrepeatable(session, untouched, direction);
    };
    await look().catch(explain);
  }
  const changes: ChangeOutcome[] = [];
  const data: StepOutcome[] = [];
  for (const segment of segments) {
    if ('changes' in segment) changes.push(...(await applyChanges(session, segment.changes, direction).catch(explain)));
    else {
      const name = `${migration.name}#${segment.position + 1}`;
      const done = await runDataStep(session, { name, step: segment.data, direction, onProgress });
      if (done) data.push(done);
    }
  }
  return { changes, data };
}

/** Explains errors of the tool's own commands. Errors thrown by the code of a migration are passed on unchanged. */
function explain(error: unknown): never {
  throw explainCommand(error);
}

/**
 * Returns all changes, and the changes and data steps that can be checked with the present documents: no earlier data step writes to their
 * collection. The data steps in `untouched` also have no earlier change in their collection.
 */
function knownAhead(segments: readonly Segment[]) {
  const [changes, steps, untouched]: [Change[], DataStep[], DataStep[]] = [[], [], []];
  const touched = new Set<string>();
  const decided = new Set<Change>();
  const written = new WrittenCollections();
  for (const segment of segments) {
    if ('changes' in segment) {
      changes.push(...segment.changes);
      for (const change of segment.changes) {
        touched.add(change.place.collection);
        if (!written.has(change.place.collection)) decided.add(change);
      }
      continue;
    }
    const { writes } = segment.data;
    if (writes && !written.has(...writes)) {
      steps.push(segment.data);
      // The effect of a validator or a unique index on documents is known only when the validator or the index is in place.
      if (!writes.some((name) => touched.has(name))) untouched.push(segment.data);
    }
    written.add(writes);
  }
  return { changes, decided, steps, untouched };
}

function segmentsOf({ steps }: RunnableMigration, direction: Direction): Segment[] {
  const segments: Segment[] = [];
  for (const [position, step] of steps.entries()) {
    const last = segments.at(-1);
    if (isDataStep(step)) segments.push({ data: step, position });
    else if (last && 'changes' in last) segments.splice(-1, 1, { changes: [...last.changes, ...step.changes] });
    else segments.push({ changes: step.changes });
  }
  if (direction === 'up') return segments;
  return segments.toReversed().map((one) => ('changes' in one ? { changes: inverse(one.changes) } : one));
}

function refuseIrreversible({ name, steps }: RunnableMigration): void {
  const reasons = irreversibleSteps(steps);
  if (reasons.length === 0) return;
  throw new SchemaError('IRREVERSIBLE', `${name} cannot be rolled back, so nothing was changed`, {
    why: reasons,
    fix: 'write a new migration that makes the wanted schema, or restore a backup',
  });
}
