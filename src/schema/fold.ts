import { equalAt } from './canonical';
import { describeChange, describePlace, type Change } from './change';
import { Draft } from './draft';
import { checkIndexIn } from './index-rules';
import { emptySchema, type Index, type Schema } from './schema';

/**
 * The schema that changes lead to, from a schema (an empty one, unless given). The result is frozen.
 * @throws Error with code `FOLD`, and the change, when one does not fit what the changes before it made.
 */
export function fold(changes: Iterable<Change>, base: Schema = emptySchema): Schema {
  const draft = new Draft(base);
  for (const change of changes) applyChange(draft, change);
  return draft.finish();
}

function applyChange(draft: Draft, change: Change): void {
  const { at, from, to } = change;
  const [collection, part] = at;
  if (part !== 'options' && !draft.hasCollection(collection)) {
    throw foldError(change, `the collection ${collection} does not exist; createCollections has to come first`);
  }
  if (part === 'indexes' && at[3] !== undefined && !draft.indexesOf(collection).has(at[2])) {
    throw foldError(change, `the index ${collection}.${at[2]} does not exist; createIndexes has to come first`);
  }
  const found = draft.get(at);
  if (!equalAt(at, found, from)) {
    throw foldError(change, `expected ${show(from)} before it, found ${show(found)} (${describePlace(at)})`);
  }
  if (part === 'options' && to === undefined) {
    const contents = draft.contentsOf(collection);
    if (contents.length > 0) throw foldError(change, `it still has ${contents.join(' and ')}; remove them first`);
  }
  if (part === 'indexes' && at[3] === undefined && to !== undefined) {
    const problem = checkIndexIn(draft.indexesOf(collection), at[2], to as Index);
    if (problem) throw foldError(change, problem);
  }
  draft.set(at, to);
}

function foldError(change: Change, problem: string): Error {
  return Object.assign(new Error(`Cannot ${describeChange(change)}: ${problem}.`), { code: 'FOLD', change });
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
