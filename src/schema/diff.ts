import { compareText, equalAt } from './canonical';
import { change, type Change, type IndexAttribute, type Place, type PlaceValue } from './change';
import { checkIndexIn } from './index-rules';
import type { Collection, Index, Schema } from './schema';

/** What the server can change of an index in place. */
const changeable: readonly IndexAttribute[] = ['expireAfterSeconds', 'hidden'];

/** The changes that lead from one schema to another: `fold(diff(a, b), a)` equals `b`. */
export function diff(before: Schema, after: Schema): Change[] {
  return namesOf(before, after).flatMap((name) => diffCollection(name, own(before, name), own(after, name)));
}

function diffCollection(name: string, before: Collection | undefined, after: Collection | undefined): Change[] {
  const compare = (at: Place, from: PlaceValue | undefined, to: PlaceValue | undefined) =>
    equalAt(at, from, to) ? [] : [change(at, from, to)];
  const options = compare([name, 'options'], before?.options, after?.options);
  const contents = [
    ...compare([name, 'validator'], before?.validator, after?.validator),
    ...diffIndexes(name, before?.indexes ?? {}, after?.indexes ?? {}),
    ...namesOf(before?.documents ?? {}, after?.documents ?? {}).flatMap((key) =>
      compare([name, 'documents', key], own(before?.documents, key), own(after?.documents, key)),
    ),
  ];
  return after ? [...options, ...contents] : [...contents, ...options];
}

function diffIndexes(collection: string, before: Collection['indexes'], after: Collection['indexes']): Change[] {
  const changes = namesOf(before, after).flatMap((name): Change[] => {
    const [from, to] = [own(before, name), own(after, name)];
    const at: Place = [collection, 'indexes', name];
    if (equalAt(at, from, to)) return [];
    const attributes = from && to ? changedAttributes(from, to) : undefined;
    return attributes?.map((attribute) => change([...at, attribute], from?.[attribute], to?.[attribute])) ?? [
      change(at, from, to),
    ];
  });
  // Drops go first: an equal index under another name can be made only when the old one has gone.
  const steps = changes.flatMap((one) => (isBlocked(one, changes, before) ? dropAndCreate(one) : [one]));
  return [
    ...steps.filter(({ to }) => to === undefined),
    ...steps.filter(({ from, to }) => from !== undefined && to !== undefined),
    ...steps.filter(({ from, to }) => from === undefined && to !== undefined),
  ];
}

/** Whether an index that is replaced would collide with another that is there and stays, or is still to be replaced. */
function isBlocked({ at, from, to }: Change, changes: readonly Change[], before: Collection['indexes']): boolean {
  if (at[1] !== 'indexes' || at[3] !== undefined || from === undefined || to === undefined) return false;
  const dropped = new Set(changes.filter((other) => other.to === undefined).map((other) => other.at[2]));
  const others = new Map(Object.entries(before).filter(([name]) => !dropped.has(name)));
  return checkIndexIn(others, at[2], to as Index) !== undefined;
}

function dropAndCreate({ at, from, to }: Change): Change[] {
  return [change(at, from, undefined), change(at, undefined, to)];
}

/** The attributes in which two indexes differ, when the server can change each of them in place; else undefined. */
function changedAttributes(from: Index, to: Index): IndexAttribute[] | undefined {
  const changed = changeable.filter((attribute) => from[attribute] !== to[attribute]);
  const rest = (index: Index) => Object.fromEntries(Object.entries(index).filter(([name]) => !isChangeable(name)));
  const at: Place = ['', 'indexes', ''];
  const ttlAppearsOrGoes = (from.expireAfterSeconds === undefined) !== (to.expireAfterSeconds === undefined);
  return !ttlAppearsOrGoes && equalAt(at, rest(from) as Index, rest(to) as Index) ? changed : undefined;
}

function isChangeable(name: string): boolean {
  return changeable.some((attribute) => attribute === name);
}

function namesOf(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort(compareText);
}

/** A record's own value: a collection may be called `constructor`. */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
