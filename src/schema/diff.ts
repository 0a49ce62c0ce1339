import { equal } from './canonical';
import { change, type Change, type IndexAttribute, type Kind, type NamedKind, type Place } from './change';
import { Draft } from './draft';
import { apply, problemWith } from './fold';
import { checkIndexIn } from './index-rules';
import { kindOf, namedKinds, rules } from './kinds/table';
import { namesUsedBy } from './names';
import { own } from './record';
import type { Contents, Index, Schema } from './schema';
import { compareText } from './sorting';

/** The attributes of an index that the server can change in place. */
const changeable = ['expireAfterSeconds', 'hidden'] as const satisfies readonly IndexAttribute[];

/** The collection or view with a certain name on one side of a comparison; undefined when that side has none. */
type Side = Contents | undefined;

/** Returns the changes from one schema to another: `fold(diff(a, b), a)` equals `b`. */
export function diff(before: Schema, after: Schema): Change[] {
  const rebuilt = namesToRebuild(before, after);
  const changes = namesOf(before, after).flatMap((name) => {
    const [from, to] = [own(before, name), own(after, name)];
    return rebuilt.has(name)
      ? [...diffName(name, from, undefined), ...diffName(name, undefined, to)]
      : diffName(name, from, to);
  });
  return inFittingOrder(changes, before, rebuilt);
}

/** The comparison for each kind inside a collection, in the order of the changes. */
const inside: {
  readonly [K in Exclude<Kind, NamedKind>]: (name: string, before: Side, after: Side) => Change[];
} = {
  // Without the history, a renamed collection looks like a different collection: see `diffBetween`.
  'collection.name': toldByOthers,
  validator: (name, before, after) => compare('validator', { collection: name }, before, after),
  index: diffIndexes,
  'index.expireAfterSeconds': toldByOthers,
  'index.hidden': toldByOthers,
  'index.unique': toldByOthers,
  document: (name, before, after) =>
    namesOf(before?.documents, after?.documents).flatMap((key) =>
      compare('document', { collection: name, key }, before, after),
    ),
};

function toldByOthers(): Change[] {
  return [];
}

/** Returns the changes of one collection or view. The contents are removed before the collection itself, and added after it. */
function diffName(name: string, before: Side, after: Side): Change[] {
  const named = namedKinds.flatMap((kind): Change[] => compare(kind, { collection: name }, before, after));
  const contents = Object.values(inside).flatMap((compareKind) => compareKind(name, before, after));
  const going = named.filter(({ to }) => to === undefined);
  const goesWithName = ({ kind }: Change) => going.some((one) => one.kind === rules[kind].within);
  return [
    ...contents.filter(goesWithName),
    ...going,
    ...named.filter(({ to }) => to !== undefined),
    ...contents.filter((change) => !goesWithName(change)),
  ];
}

/**
 * Returns the names that change their kind (a collection becomes a view, or a view becomes a collection), and the names of all views that
 * read from them, directly or indirectly. All of these must be dropped and created again, even a view that is equal before and after.
 */
function namesToRebuild(before: Schema, after: Schema): ReadonlySet<string> {
  const moved = new Set(
    Object.keys(before).filter((name) => {
      const [from, to] = [own(before, name), own(after, name)];
      return from && to && kindOf(from) !== kindOf(to);
    }),
  );
  if (moved.size === 0) return moved;
  for (let size = -1; size !== moved.size;) {
    size = moved.size;
    for (const [name, contents] of Object.entries(before)) {
      if (namesUsedBy(contents).some((used) => moved.has(used))) moved.add(name);
    }
  }
  return moved;
}

/**
 * Returns the changes in an order in which each change follows the changes that it depends on. Changes that never fit come last. Views
 * that read from a rebuilt name come after the changes that rebuild that name.
 */
function inFittingOrder(changes: readonly Change[], before: Schema, rebuilt: ReadonlySet<string>): Change[] {
  const draft = new Draft(before);
  const ordered: Change[] = [];
  const makeFitting = (some: readonly Change[]): Change[] => {
    const left = some.filter((change) => {
      if (problemWith(change, draft) !== undefined) return true;
      apply(change, draft);
      ordered.push(change);
      return false;
    });
    return left.length === 0 || left.length === some.length ? left : makeFitting(left);
  };
  const waits = (change: Change) => namesUsedAfter(change).some((name) => rebuilt.has(name));
  const stuck = makeFitting(changes.filter((change) => !waits(change)));
  const neverFitting = makeFitting([...stuck, ...changes.filter(waits)]);
  return [...ordered, ...neverFitting];
}

function namesUsedAfter<K extends Kind>({ kind, to }: Change<K>): readonly string[] {
  return to === undefined ? [] : (rules[kind].uses?.(to) ?? []);
}

function compare<K extends Kind>(kind: K, place: Place<K>, before: Side, after: Side): Change<K>[] {
  const [from, to] = [before, after].map((side) => side && rules[kind].find(side, place));
  return equal(kind, from, to) ? [] : [change(kind, place, from, to)];
}

function diffIndexes(collection: string, before: Side, after: Side): Change[] {
  const [there, wanted] = [before?.indexes ?? {}, after?.indexes ?? {}];
  const changes = namesOf(there, wanted).flatMap((name): Change[] => {
    const [from, to] = [own(there, name), own(wanted, name)];
    const place = { collection, name };
    if (equal('index', from, to)) return [];
    const attributes = from && to ? changedAttributes(from, to) : undefined;
    return (
      attributes?.map((attribute) => change(`index.${attribute}`, place, from?.[attribute], to?.[attribute])) ?? [
        change('index', place, from, to),
      ]
    );
  });
  // Drop first: an index that differs only in name can be created only after the old one is dropped.
  const steps = changes.flatMap((one) => (isBlocked(one, changes, there) ? dropAndCreate(one) : [one]));
  return [
    ...steps.filter(({ to }) => to === undefined),
    ...steps.filter(({ from, to }) => from !== undefined && to !== undefined),
    ...steps.filter(({ from, to }) => from === undefined && to !== undefined),
  ];
}

/** Returns whether a replaced index would conflict with another index that is kept, or that is replaced later. */
function isBlocked(one: Change, changes: readonly Change[], before: Readonly<Record<string, Index>>): boolean {
  if (one.kind !== 'index' || one.from === undefined || one.to === undefined) return false;
  const dropped = new Set(changes.flatMap((other) => (isDrop(other) ? [other.place.name] : [])));
  const others = new Map(Object.entries(before).filter(([name]) => !dropped.has(name)));
  return checkIndexIn(others, one.place.name, one.to) !== undefined;
}

function isDrop(one: Change): one is Change<'index'> {
  return one.kind === 'index' && one.to === undefined;
}

function dropAndCreate<K extends Kind>({ kind, place, from, to }: Change<K>): Change<K>[] {
  return [change(kind, place, from, undefined), change(kind, place, undefined, to)];
}

/** Returns the attributes in which two indexes differ, if the server can change all of them in place; otherwise undefined. */
function changedAttributes(from: Index, to: Index): (typeof changeable)[number][] | undefined {
  const changed = changeable.filter((attribute) => from[attribute] !== to[attribute]);
  const ttlAppearsOrGoes = (from.expireAfterSeconds === undefined) !== (to.expireAfterSeconds === undefined);
  return !ttlAppearsOrGoes && equal('index', rest(from), rest(to)) ? changed : undefined;
}

/** Returns an index without the attributes that the server can change in place. */
function rest({ expireAfterSeconds: _seconds, hidden: _hidden, ...others }: Index): Index {
  return others;
}

function namesOf(one: object = {}, other: object = {}): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort(compareText);
}
