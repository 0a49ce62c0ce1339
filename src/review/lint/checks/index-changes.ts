import { entriesIn, equal, isTextKey, type Index } from '../../../schema';
import type { Migration } from '../../../migration';
import type { Subject, Violation } from '../types';
import { changesOf, createdIndexes, droppedIndexes, type StepIndex } from '../walk';
import { violation, type IndexNames } from './indexes';

/** The names and definitions of an index and of its replacement. */
export interface IndexChangeNames {
  readonly collection: string;
  /** The existing index. */
  readonly name: string;
  /** The name of the new index. */
  readonly becomes: string;
  readonly from: Index;
  readonly to: Index;
}

/** Returns earlier indexes that a new index may replace: those before the migration, and those whose drop is not applied yet. */
function forerunners({ migration, before, earlier }: Subject, { collection, change }: StepIndex): IndexNames[] {
  const there = entriesIn(before, collection, 'index').map(({ place, value }): [string, Index] => [place.name, value]);
  const dropped = [...earlier, migration]
    .flatMap(droppedIndexes)
    .filter((each) => each.collection === collection && each.change !== change)
    .map(({ name, index }): [string, Index] => [name, index]);
  return [...new Map([...dropped, ...there])].map(([name, index]) => ({ collection, name, index }));
}

function sameKeys(one: Index, other: Index): boolean {
  return JSON.stringify(Object.entries(one.key)) === JSON.stringify(Object.entries(other.key));
}

export function* sameKeysOtherOptions(subject: Subject): Generator<Violation<IndexChangeNames>> {
  for (const created of createdIndexes(subject.migration)) {
    const { collection, index, name } = created;
    const twin = forerunners(subject, created).find(
      (other) => sameKeys(other.index, index) && !equal('index', other.index, index),
    );
    if (!twin || isTextKey(index.key)) continue;
    const options = differences(twin.index, index).join(', ');
    const message =
      twin.name === name
        ? `The index is dropped and created again, and differs only in ${options}.`
        : `${twin.name} has the same keys; ${name} differs only in ${options}.`;
    yield violation(created, message, { collection, name: twin.name, becomes: name, from: twin.index, to: index });
  }
}

/** Returns the options in which two indexes differ. */
export function differences(one: Index, other: Index): string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}

/** A collection can have only one text index. MongoDB refuses a second one, even if it is meant to replace the first. */
export function* textIndexReplaced(subject: Subject): Generator<Violation<IndexChangeNames>> {
  for (const created of createdIndexes(subject.migration)) {
    const { collection, name, index } = created;
    if (!isTextKey(index.key) || isReplacement(created)) continue;
    const other = forerunners(subject, created).find((each) => isTextKey(each.index.key));
    if (!other) continue;
    const isSecond = !isDropped([...subject.earlier, subject.migration], collection, other.name);
    if (!isSecond && !subject.holdsData(collection)) continue;
    const language = (of: Index) => of.default_language ?? 'english';
    const message = isSecond
      ? `${collection} has the text index ${other.name}, and a second one is refused.`
      : language(other.index) === language(index)
        ? `Every $text query on ${collection} fails from the drop of ${other.name} until the new index is built.`
        : `The language changes from ${language(other.index)} to ${language(index)}: other words match, and $text queries on ${collection} fail until it is built.`;
    yield violation(created, message, { collection, name: other.name, becomes: name, from: other.index, to: index });
  }
}

/** Returns whether a step is a `changeTextIndex`: it replaces a text index, and its reason says why searches may fail meanwhile. */
function isReplacement({ step, index }: StepIndex): boolean {
  const { reason = '' } = step;
  const lacks = (side: 'from' | 'to') => step.changes.some((one) => one.kind === 'index' && one[side] === undefined);
  return isTextKey(index.key) && lacks('from') && lacks('to') && reason.trim() !== '';
}

function isDropped(migrations: readonly Migration[], collection: string, name: string): boolean {
  return migrations.flatMap(droppedIndexes).some((each) => each.collection === collection && each.name === name);
}

/** A hidden index shows over time whether queries need it. If it is dropped in the same release, there is no time to find out. */
export function* droppedUnhidden({ migration, earlier, holdsData }: Subject): Generator<Violation<IndexNames>> {
  for (const dropped of droppedIndexes(migration)) {
    const { collection, name, index } = dropped;
    if (!holdsData(collection) || isReplacement(dropped)) continue;
    const hiddenJustNow = earlier
      .flatMap(changesOf)
      .map(({ change }) => change)
      .some(({ kind, place }) => kind === 'index.hidden' && place.collection === collection && place.name === name);
    if (index.hidden && !hiddenJustNow) continue;
    const message = index.hidden
      ? 'The index was hidden in the same release, so nobody had time to notice that it is missing.'
      : 'A query that still needs the index will scan the whole collection, and rebuilding the index takes long.';
    yield violation(dropped, message, { collection, name, index });
  }
}
