import { fold, wirePlace, type Change, type Schema } from '../../src/schema';

/** A half-done state of a migration: some of its changes are made, the others are not. */
export interface HalfDone {
  readonly what: string;
  /** The changes that are made, in order. */
  readonly byHand: readonly Change[];
}

/** Returns different states, each once: only one change made, the first changes made (as after an interruption), and every second change made. */
export function everyHalfDoneState(changes: readonly Change[], before: Schema): HalfDone[] {
  const alone = changes.map((change) => stateOf(changes, [change], before, wirePlace(change).join('.')));
  const first = changes.map((_, at) => ({ what: `the first ${at + 1}`, byHand: changes.slice(0, at + 1) })).slice(1);
  const all = [...alone, ...first, ...oneHalfDoneState(changes, before)];
  const keys = all.map(({ byHand }) => byHand.map((change) => changes.indexOf(change)).join());
  return all.filter((_, at) => keys.indexOf(keys[at] ?? '') === at);
}

/** Returns the state with every second change made, which no interrupted run leaves; empty when there are no changes. */
export function oneHalfDoneState(changes: readonly Change[], before: Schema): HalfDone[] {
  if (changes.length === 0) return [];
  if (changes.length === 1) return [{ what: 'its only change', byHand: changes }];
  const second = changes.filter((_, at) => at % 2 === 1);
  const state = stateOf(changes, second, before, 'every second change');
  if (state.byHand.length < changes.length) return [state];
  const half = changes.slice(0, Math.ceil(changes.length / 2));
  return [{ what: 'the first half', byHand: half }];
}

/** Returns the state with these changes made, and as few others as the server requires for them. */
function stateOf(changes: readonly Change[], wanted: readonly Change[], before: Schema, what: string): HalfDone {
  let byHand = changes.slice(0, Math.max(...wanted.map((change) => changes.indexOf(change))) + 1);
  for (const other of byHand.filter((change) => !wanted.includes(change)).toReversed()) {
    const without = byHand.filter((change) => change !== other);
    if (fits(without, before)) byHand = without;
  }
  const isAlone = byHand.length === wanted.length;
  return { what: isAlone ? `${what} alone` : `${what} and what it needs`, byHand };
}

/** An index needs its collection, and a collection is dropped only when it is empty. */
function fits(changes: readonly Change[], before: Schema): boolean {
  try {
    fold(changes, before);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'FOLD') return false;
    throw error;
  }
}
