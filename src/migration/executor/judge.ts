import {
  checkIndexIn,
  describePlace,
  Draft,
  equalAt,
  type Change,
  type Index,
  type LiveSchema,
  type Place,
  type PlaceValue,
  type Validator,
} from '../../schema';
import { standInName } from './recipes/make-unique';

/** How a change stands to the live schema: it holds, it can be made, or the row it would remove was edited and stays. */
export type Verdict = 'already' | 'pending' | 'kept';

export interface JudgedChange {
  readonly change: Change;
  readonly verdict: Verdict;
}

/**
 * Judges each change against the live schema as the pending changes before it leave it.
 * @throws Error with code `CONFLICT` naming everything that stands where neither side of a change does.
 */
export function judge(live: LiveSchema, changes: readonly Change[]): JudgedChange[] {
  const draft = new Draft(live.schema);
  const conflicts: { readonly change: Change; readonly problem: string }[] = [];
  const judged = changes.map((change): JudgedChange => {
    const { at, from, to } = change;
    const found = draft.get(at);
    if (isHalfDone(change, draft)) return { change, verdict: 'pending' };
    if (equalAt(at, found, to) && !lacksItsIndex(at, draft)) return { change, verdict: 'already' };
    if (!equalAt(at, found, from) || lacksItsIndex(at, draft)) {
      if (at[1] === 'documents' && to === undefined) return { change, verdict: 'kept' };
      conflicts.push({ change, problem: describeConflict(change, found) });
      return { change, verdict: 'pending' };
    }
    const obstacle = obstacleTo(change, draft, live);
    if (obstacle !== undefined) conflicts.push({ change, problem: `${describePlace(at)}: ${obstacle}` });
    else draft.set(at, to);
    return { change, verdict: 'pending' };
  });
  if (conflicts.length === 0) return judged;
  const problems = conflicts.map(({ problem }) => problem).join('\n  ');
  const message = `The database is not as this migration expects it, so nothing was changed.\n  ${problems}`;
  throw Object.assign(new Error(message), { code: 'CONFLICT', conflicts });
}

/**
 * The verdicts on all changes of pending migrations, by change.
 * @throws Error with code `CONFLICT` naming the migrations that the database is not ready for.
 */
export function judgePending(
  live: LiveSchema,
  pending: readonly { readonly name: string; readonly changes: readonly Change[] }[],
): Map<Change, Verdict> {
  try {
    const changes = pending.flatMap((migration) => migration.changes);
    return new Map(judge(live, changes).map(({ change, verdict }) => [change, verdict]));
  } catch (error) {
    const { code, message, conflicts } = error as Error & { code?: unknown; conflicts?: { change: Change }[] };
    if (code !== 'CONFLICT') throw error;
    const names = pending.filter(({ changes }) => conflicts?.some(({ change }) => changes.includes(change)));
    const whose = names.map(({ name }) => name).join(', ');
    throw Object.assign(new Error(`Cannot apply ${whose}. ${message}`, { cause: error }), { code });
  }
}

/** Whether an interrupted recipe has left its place between the two sides of its change. */
function isHalfDone({ at, from, to }: Change, draft: Draft): boolean {
  const [collection, part, name] = at;
  if (part === 'indexes' && at[3] === 'unique') return draft.indexesOf(collection).has(standInName(name));
  if (part !== 'validator' || to === undefined || equalAt(at, from, to)) return false;
  const [wanted, found] = [to as Validator, draft.get(at) as Validator | undefined];
  return wanted.validationLevel === undefined && equalAt(at, found, { ...wanted, validationLevel: 'moderate' });
}

/** An attribute of an index that is not there has neither of its sides. */
function lacksItsIndex(at: Place, draft: Draft): boolean {
  return at[1] === 'indexes' && at[3] !== undefined && !draft.indexesOf(at[0]).has(at[2]);
}

/** Why the server would refuse, or silently misread, a change whose place is as expected. */
function obstacleTo({ at, to }: Change, draft: Draft, live: LiveSchema): string | undefined {
  const [collection, part] = at;
  if (part === 'options') {
    const kind = live.others.get(collection);
    return kind && to !== undefined
      ? `a ${kind} of that name is there; rename or drop it by hand, no verb touches it`
      : undefined;
  }
  if (!draft.hasCollection(collection))
    return `the collection ${collection} does not exist; createCollections makes it`;
  if (part !== 'indexes' || at[3] !== undefined || to === undefined) return undefined;
  return checkIndexIn(draft.indexesOf(collection), at[2], to as Index);
}

function describeConflict({ at, from, to }: Change, found: PlaceValue | undefined): string {
  const expected = [from, to].map((side) => (side === undefined ? 'nothing' : JSON.stringify(side)));
  return [
    `${describePlace(at)}: something else is in its place.`,
    `    there:    ${found === undefined ? 'nothing' : JSON.stringify(found)}`,
    `    expected: ${expected.join(', or ')}`,
    `    way out:  ${remedyFor(at, to, found)}`,
  ].join('\n  ');
}

function remedyFor(at: Place, to: PlaceValue | undefined, found: PlaceValue | undefined): string {
  switch (at[1]) {
    case 'options':
      return 'these options cannot be changed on a collection that exists: copy its documents into a new one';
    case 'validator':
      return 'changeValidator changes it, in a migration before this one';
    case 'documents':
      return 'somebody edited this row: save it under another _id, or put it back as it was shipped';
    case 'indexes':
      return remedyForIndex(at[3], to, found);
  }
}

function remedyForIndex(
  attribute: string | undefined,
  to: PlaceValue | undefined,
  found: PlaceValue | undefined,
): string {
  if (found === undefined) return 'createIndexes makes the index';
  if (attribute !== undefined) return `changeTtl changes it, with what is there as its from`;
  const [wanted, there] = [to, found].map((index) => ({ ...(index as Index | undefined), expireAfterSeconds: 0 }));
  return equalAt(['', 'indexes', ''], wanted, there)
    ? 'only the TTL differs, and changeTtl changes that'
    : 'an index cannot be altered: dropIndexes takes it away, createIndexes makes it anew';
}
