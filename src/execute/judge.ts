import {
  change as changeOf,
  commandsFor,
  commandsToClear,
  describePlace,
  Draft,
  equal,
  rules,
  type Change,
  type Kind,
  type Value,
} from '../schema';
import { type LiveSchema } from '../database';
import type { Direction } from '../migration/types';
import type { JudgedChange, Verdict } from './kinds/execution';
import { executions } from './kinds/table';
import { because, SchemaError } from '../support/schema-error';

/**
 * Compares each change with the live schema as it will be after the earlier pending changes.
 * @throws error with code `CONFLICT` that lists every place which matches neither side (`from` or `to`) of its change.
 */
export function judge(live: LiveSchema, changes: readonly Change[], direction: Direction): JudgedChange[] {
  const draft = new Draft(live.schema);
  const conflicts: Conflict[] = [];
  const judged = changes.map((change): JudgedChange => {
    const { verdict, conflict } = judgeOne(change, direction, draft, live);
    if (conflict) conflicts.push({ change, ...clearing(change, draft), ...conflict });
    return { change, verdict };
  });
  if (conflicts.length === 0) return judged;
  throw Object.assign(conflictError(conflicts), { conflicts });
}

/** The problem with a place that matches neither side (`from` or `to`) of its change. */
interface Obstruction {
  readonly problem: readonly string[];
  readonly fix?: string;
}

interface Conflict extends Obstruction {
  readonly change: Change;
}

function conflictError(conflicts: readonly Conflict[]): SchemaError {
  const [first, ...others] = conflicts;
  // Each conflict has its own fix. When there are several conflicts, each fix is printed below its problem.
  const isOne = others.length === 0;
  return new SchemaError('CONFLICT', 'The database differs from what the migration expects, so nothing was changed', {
    why: isOne
      ? first?.problem
      : conflicts.flatMap(({ problem, fix }) => [
          ...problem,
          ...(fix === undefined ? [] : [`  fix:      ${fix.replaceAll('\n', '\n            ')}`]),
        ]),
    fix: isOne ? first?.fix : 'correct each place as described above, and run again',
    about: first && {
      kind: first.change.kind,
      collection: first.change.place.collection,
      counts: { conflicts: conflicts.length },
    },
  });
}

/** Judges one change, and applies the change to the draft when it is pending. */
function judgeOne<K extends Kind>(
  change: Change<K>,
  direction: Direction,
  draft: Draft,
  live: LiveSchema,
): { readonly verdict: Verdict; readonly conflict?: Obstruction } {
  const { kind, place, from, to } = change;
  const execution = executions[kind];
  const found = draft.get(change);
  if (execution.isHalfDone(change, draft)) {
    draft.set(change, to);
    return { verdict: 'pending' };
  }
  const canHold = !execution.holdsNeitherSide(place, draft);
  if (canHold && equal(kind, found, to)) return { verdict: 'already' };
  if (!canHold || !equal(kind, found, from)) {
    // A rollback restores a row that `up` removed. If such a row exists already, someone edited or added it, so the row is kept.
    if (execution.keepsEdited && (from !== undefined || direction === 'down')) return { verdict: 'kept' };
    return { verdict: 'pending', conflict: conflictOf(change, found, draft) };
  }
  const obstacle = execution.obstacle(change, draft, live);
  if (obstacle !== undefined) {
    return { verdict: 'pending', conflict: { problem: [`${describePlace(change)}: ${obstacle}`] } };
  }
  draft.set(change, to);
  return { verdict: 'pending' };
}

/**
 * Returns a map from each change of the pending migrations to the verdict on this change.
 * @throws error with code `CONFLICT` that names the migrations which do not fit the database.
 */
export function judgePending(
  live: LiveSchema,
  pending: readonly { readonly name: string; readonly changes: readonly Change[] }[],
  direction: Direction,
): Map<Change, Verdict> {
  try {
    const changes = pending.flatMap((migration) => migration.changes);
    return new Map(judge(live, changes, direction).map(({ change, verdict }) => [change, verdict]));
  } catch (error) {
    const { conflicts } = error as { conflicts?: readonly Conflict[] };
    if (!conflicts) throw error;
    const names = pending.filter(({ changes }) => conflicts.some(({ change }) => changes.includes(change)));
    const whose = names.map(({ name }) => name).join(', ');
    throw because(error, `Cannot apply ${whose}`);
  }
}

function conflictOf<K extends Kind>(change: Change<K>, found: Value<K> | undefined, draft: Draft): Obstruction {
  const { kind, place, from, to } = change;
  const absent = executions[kind].holdsNeitherSide(place, draft) ? rules[kind].missing(draft, place)?.what : undefined;
  const problem = found === undefined ? 'does not exist' : 'is not as expected';
  // If the migration expects nothing in this place, suggest how to change what is there into the new value. Removing what is there may
  // delete documents.
  const commands =
    kind === 'collection.name'
      ? []
      : commandsFor(changeOf(kind, place, found, from ?? to), draft.find(place.collection));
  const expected = [from, to].map((side) => (side === undefined ? 'nothing' : JSON.stringify(side)));
  return {
    problem: [
      `${absent ?? describePlace(change)} ${problem}`,
      `  found:    ${found === undefined ? 'nothing' : JSON.stringify(found)}`,
      `  expected: ${expected.join(', or ')}`,
    ],
    fix: [executions[kind].remedy(change, found, draft), ...(commands.length > 0 ? [byHand(commands)] : [])].join('\n'),
  };
}

/** Returns the fix for a place in which something new should be created, but something else exists. */
function clearing(change: Change, draft: Draft): Pick<Obstruction, 'fix'> {
  const contents = draft.find(change.place.collection);
  const commands = contents ? commandsToClear(change, contents) : [];
  return commands.length > 0 ? { fix: byHand(commands) } : {};
}

function byHand(commands: readonly string[]): string {
  return ['in mongosh:', ...commands.map((command) => `  ${command}`)].join('\n');
}
