import { defaultIndexName, entriesIn, find, isTextKey, redundantPrefixes, type Index } from '../../../schema';
import type { Subject, Violation } from '../types';
import { builtIndexes, createdIndexes, type StepIndex } from '../walk';

/** The names and the definition of an index, for messages. */
export interface IndexNames {
  readonly collection: string;
  readonly name: string;
  readonly index: Index;
  /** The query that the index serves, if known. */
  readonly serves?: string | undefined;
}

/** Returns the index builds on collections that may contain documents. */
function buildsOverData({ migration, holdsData }: Subject): StepIndex[] {
  return builtIndexes(migration).filter(({ collection }) => holdsData(collection));
}

export function violation<Names>({ step, change }: StepIndex, message: string, names: Names): Violation<Names> {
  return { step, location: change, message, names };
}

export function* uniqueOverData(subject: Subject): Generator<Violation<IndexNames>> {
  for (const built of buildsOverData(subject)) {
    const { collection, name, index, serves } = built;
    if (index.unique)
      yield violation(built, `${collection} may already hold documents with equal keys.`, {
        collection,
        name,
        index,
        serves,
      });
  }
}

/** Several indexes of one collection share one scan, but also one build: each index makes the build longer, and all fail together. */
export function* severalBuilds(subject: Subject): Generator<Violation<readonly IndexNames[]>> {
  const builds = buildsOverData(subject);
  if (builds.length < 2) return;
  const all = builds.map(({ collection, name, index, serves }) => ({ collection, name, index, serves }));
  for (const step of new Set(builds.map((build) => build.step))) {
    const first = builds.find((build) => build.step === step);
    const names = all.map(({ collection, name }) => `${collection}.${name}`).join(', ');
    if (!first) continue;
    const mine = all.filter((_, index) => builds[index]?.step === step);
    yield violation(first, `This migration builds ${all.length} indexes over data: ${names}.`, mine);
  }
}

export interface PrefixNames {
  readonly collection: string;
  readonly prefix: string;
  readonly of: string;
  readonly index: Index;
}

export function* redundantPrefix({ migration, before, after }: Subject): Generator<Violation<PrefixNames>> {
  const created = createdIndexes(migration);
  for (const collection of new Set(created.map((each) => each.collection))) {
    const known = redundantPrefixes(entriesIn(before, collection, 'index')).map(({ prefix }) => prefix);
    for (const {
      prefix,
      of: [of],
    } of redundantPrefixes(entriesIn(after, collection, 'index'))) {
      const mine = created.filter((each) => each.collection === collection);
      const culprit = mine.find(({ name }) => name === prefix) ?? mine.find(({ name }) => name === of);
      const index = find(after, 'index', { collection, name: prefix });
      if (!culprit || !index || known.includes(prefix)) continue;
      yield violation(
        culprit,
        `${of} begins with the fields of ${prefix}, and serves every query that ${prefix} serves.`,
        {
          collection,
          prefix,
          of,
          index,
        },
      );
    }
  }
}

export const manyIndexes = 20;

export function* tooMany({ migration, after }: Subject): Generator<Violation<{ collection: string }>> {
  const created = createdIndexes(migration);
  for (const collection of new Set(created.map((each) => each.collection))) {
    const count = entriesIn(after, collection, 'index').length;
    const last = created.findLast((each) => each.collection === collection);
    if (last && count > manyIndexes)
      yield violation(last, `${collection} then has ${count} indexes, not counting the one on _id.`, { collection });
  }
}

export interface NamedIndexNames extends IndexNames {
  /** The name that MongoDB would give the index. */
  readonly usual: string;
}

/** A name other than the default is accepted only when another index with the same keys already has the default name. */
export function* unusualName({ migration, after }: Subject): Generator<Violation<NamedIndexNames>> {
  for (const created of createdIndexes(migration)) {
    const { collection, name, index, serves } = created;
    const usual = defaultIndexName(index.key);
    const isTaken = find(after, 'index', { collection, name: usual }) !== undefined;
    if (name === usual || isTaken || (isTextKey(index.key) && isTextName(name, index.key))) continue;
    yield violation(created, `MongoDB would call this index ${usual}.`, { collection, name, index, serves, usual });
  }
}

/** Returns whether a name consists of the fields of a text index, in any order: the key always lists these fields alphabetically. */
function isTextName(name: string, key: Index['key']): boolean {
  const parts = Object.entries(key).map(([field, kind]) => `${field}_${kind}`);
  const reads = (rest: string, left: readonly string[]): boolean =>
    left.some(
      (part) =>
        rest === part ||
        (rest.startsWith(`${part}_`) &&
          reads(
            rest.slice(part.length + 1),
            left.filter((other) => other !== part),
          )),
    );
  return reads(name, parts);
}

export function* withoutServes({ migration }: Subject): Generator<Violation<IndexNames>> {
  for (const created of createdIndexes(migration)) {
    const { collection, name, index, serves = '' } = created;
    if (serves.trim() === '')
      yield violation(created, 'Nobody can find out later which query the index serves.', { collection, name, index });
  }
}
