import {
  change as changeOf,
  commandsFor,
  commandsToClear,
  describePlace,
  Draft,
  equal,
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
 * Judges each change against the live schema as the pending changes before it leave it.
 * @throws error with code `CONFLICT` naming everything that stands where neither side of a change does.
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

/** Something that stands where neither side of a change does. */
interface Obstruction {
  readonly problem: readonly string[];
  readonly fix?: string;
}

interface Conflict extends Obstruction {
  readonly change: Change;
}

function conflictError(conflicts: readonly Conflict[]): SchemaError {
  const [first, ...others] = conflicts;
  // Each conflict has its own fix. When there are several, each fix is printed below its problem.
  const isOne = others.length === 0;
  return new SchemaError('CONFLICT', 'The database is not as the migration expects it, so nothing was changed', {
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

/** Judges one change, and makes it in the draft when it is pending. */
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
    // Going down, a row comes back that was removed going up: one that is there was edited then, and kept, or came since.
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
 * The verdicts on all changes of pending migrations, by change.
 * @throws error with code `CONFLICT` naming the migrations that the database is not ready for.
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
  // Where the migration expects nothing, what it makes is as good: taking away what is there may lose documents.
  const commands =
    kind === 'collection.name'
      ? []
      : commandsFor(changeOf(kind, place, found, from ?? to), draft.find(place.collection));
  const expected = [from, to].map((side) => (side === undefined ? 'nothing' : JSON.stringify(side)));
  return {
    problem: [
      `${describePlace(change)}: something else is in its place`,
      `  found:    ${found === undefined ? 'nothing' : JSON.stringify(found)}`,
      `  expected: ${expected.join(', or ')}`,
    ],
    fix: [executions[kind].remedy(change, found), ...(commands.length > 0 ? [byHand(commands)] : [])].join('\n'),
  };
}

/** The fix for what keeps something new from being made. */
function clearing(change: Change, draft: Draft): Pick<Obstruction, 'fix'> {
  const contents = draft.find(change.place.collection);
  const commands = contents ? commandsToClear(change, contents) : [];
  return commands.length > 0 ? { fix: byHand(commands) } : {};
}

function byHand(commands: readonly string[]): string {
  return ['in mongosh:', ...commands.map((command) => `  ${command}`)].join('\n');
}
