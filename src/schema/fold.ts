import { equal } from './canonical';
import type { Change, Kind } from './change';
import { Draft } from './draft';
import { rules } from './kinds/table';
import { nameProblem, readersOf } from './names';
import { describeChange, describePlace } from './place';
import { emptySchema, type Schema } from './schema';
import { SchemaError } from '../support/schema-error';

/**
 * Folds changes: applies them in order to a schema, by default an empty one, and returns the resulting schema. The result is frozen.
 * @throws error with code `FOLD`, with the change, when a change does not fit the result of the changes before it.
 */
export function fold(changes: Iterable<Change>, base: Schema = emptySchema): Schema {
  const draft = new Draft(base);
  for (const change of changes) {
    const problem = problemWith(change, draft);
    if (problem !== undefined) throw foldError(change, problem);
    apply(change, draft);
  }
  return draft.finish();
}

/**
 * Folds all changes of one migration like `fold`. Views that read from a renamed collection may be changed after the rename, because the
 * new name does not exist before. After all changes, nothing may read from the old name, unless the name was created again.
 * @throws error with code `FOLD`, with the change, when a change does not fit.
 */
export function foldWhole(changes: readonly Change[], base: Schema = emptySchema): Schema {
  const schema = fold(changes, base);
  const renames = changes.filter((change): change is Change<'collection.name'> => change.kind === 'collection.name');
  const draft = renames.length > 0 ? new Draft(schema) : undefined;
  for (const rename of renames) {
    const problem = draft && nameStillRead(draft, rename);
    if (problem !== undefined) throw foldError(rename, problem);
  }
  return schema;
}

function nameStillRead(draft: Draft, { from = '' }: Change<'collection.name'>): string | undefined {
  const readers = draft.kindOf(from) === undefined ? readersOf(draft, from).map((reader) => `the ${reader}`) : [];
  if (readers.length === 0) return undefined;
  const [verb, it] = readers.length === 1 ? ['reads', 'it'] : ['read', 'them'];
  return `${readers.join(', ')} ${verb} from ${from}, and would show nothing after the rename; in the same migration, change ${it} with changeView after the rename, or drop ${it} before the rename`;
}

/** Returns why a change does not fit; undefined when it fits. */
export function problemWith<K extends Kind>(change: Change<K>, draft: Draft): string | undefined {
  const { kind, place, from, to } = change;
  const missing = rules[kind].missing(draft, place, from);
  if (missing?.instead) return `${missing.what} does not exist: a ${missing.instead} has that name`;
  const instead = missing?.near === undefined ? '' : `did you mean ${missing.near}? Otherwise, `;
  if (missing) return `${missing.what} does not exist; ${instead}${missing.verb} must come first`;
  const found = draft.get({ kind, place });
  if (kind === 'collection.name' && !equal(kind, found, from)) return rules[kind].refusal(draft, place, to);
  if (!equal(kind, found, from)) {
    return `expected ${show(from)} before the change, but found ${show(found)} (${describePlace({ kind, place })})`;
  }
  return nameProblem(change, draft) ?? rules[kind].refusal(draft, place, to);
}

/** Applies a change without checking whether it fits. */
export function apply<K extends Kind>({ kind, place, to }: Change<K>, draft: Draft): void {
  draft.set({ kind, place }, to);
}

function foldError(change: Change, problem: string): SchemaError & { readonly change: Change } {
  return Object.assign(new SchemaError('FOLD', `Cannot ${describeChange(change)}`, { why: problem }), { change });
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
