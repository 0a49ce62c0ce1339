import { inverse, type Change } from '../schema';
import { applyChanges, judgeAhead, type ChangeOutcome, type Session } from './executor';
import { isDataStep, type DataContext, type DataStep, type Direction, type Migration } from './types';

export interface RunMigrationOptions {
  /** Told how far a data step has come, of how much. */
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

type RunnableMigration = Pick<Migration, 'name' | 'steps'>;

/** What is carried out in one go: the changes of neighbouring steps, or one data step. */
type Segment = { readonly changes: readonly Change[] } | { readonly data: DataStep; readonly position: number };

/**
 * Carries a migration out, in either direction. Running it again converges: what holds already is skipped.
 * @throws Error with code `IRREVERSIBLE`, before anything is written, when a step cannot be undone.
 */
export async function runMigration(
  session: Session,
  migration: RunnableMigration,
  direction: Direction,
  options: RunMigrationOptions = {},
): Promise<ChangeOutcome[]> {
  if (direction === 'down') refuseIrreversible(migration);
  const segments = segmentsOf(migration, direction);
  // A conflict in the last changes would else be found only after the first were made.
  if (segments.length > 1) {
    const changes = segments.flatMap((segment) => ('changes' in segment ? segment.changes : []));
    await judgeAhead(session, changes);
  }
  const outcomes: ChangeOutcome[] = [];
  for (const segment of segments) {
    if ('changes' in segment) outcomes.push(...(await applyChanges(session, segment.changes)));
    else await runDataStep(session, segment.data, direction, contextOf(session, migration, segment, options));
  }
  return outcomes;
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
  const reasons = steps.flatMap((step) =>
    isDataStep(step) && step.undo && 'irreversible' in step.undo ? [step.undo.irreversible] : [],
  );
  if (reasons.length === 0) return;
  const message = `${name} cannot be rolled back, so nothing was changed: ${reasons.join('; ')}.`;
  throw Object.assign(new Error(message), { code: 'IRREVERSIBLE' });
}

async function runDataStep(session: Session, step: DataStep, direction: Direction, context: DataContext) {
  if (direction === 'down') {
    if (typeof step.undo === 'function') await step.undo(context);
    return;
  }
  const { passes = 1 } = step;
  if (await step.isDone(session.db)) return;
  for (let pass = 0; pass < passes; pass++) {
    await step.run(context);
    if (await step.isDone(session.db)) return;
  }
  throw new Error(
    `"${step.describe.join('; ')}" ran to its end${passes > 1 ? ` ${passes} times` : ''}, and is still not done. ` +
      "A backfill's update must make a document stop matching its filter; what a run does must make its isDone true.",
  );
}

function contextOf(
  { db, guard }: Session,
  { name, steps }: RunnableMigration,
  { position }: { position: number },
  { onProgress }: RunMigrationOptions,
): DataContext {
  const what = steps[position]?.describe.join('; ') ?? name;
  return {
    db,
    guard,
    progress: (done, total) => onProgress?.(what, done, total),
    checkpoint: `${name}#${position + 1}`,
  };
}
