import { mayBeWorkOf, type AcceptedAsMissing } from '../../history';
import { isPlain, type Migration } from '../../migration/types';
import {
  kindOf,
  own,
  overlaps,
  wirePlace,
  type Contents,
  type Kind,
  type Location,
  type NamedKind,
  type Schema,
} from '../../schema';
import { type LiveSchema } from '../../database';
import {
  closedCollection,
  compareDocuments,
  compareOptions,
  compareValidator,
  extraCollection,
  missingCollection,
  notACollection,
  setAsideCollection,
} from './collections';
import { severityOf, type Finding, type FindingKind, type LocatedFinding } from './findings';
import { compareIndexes } from './indexes';
import { compareView, extraView, missingView } from './views';

/** The comparison for each kind of change, in the order of the findings. */
const comparisons: {
  readonly [K in Kind]: (name: string, should: Contents, is: Contents) => LocatedFinding[];
} = {
  collection: (name, should, is) => compareOptions(name, should.options, is.options),
  'collection.name': toldByOthers,
  validator: (name, should, is) => compareValidator(name, should.validator, is.validator),
  index: (name, should, is) => compareIndexes(name, should.indexes ?? {}, is.indexes ?? {}),
  'index.expireAfterSeconds': toldByOthers,
  'index.hidden': toldByOthers,
  'index.unique': toldByOthers,
  document: (name, should, is) => compareDocuments(name, should.documents ?? {}, is.documents ?? {}),
  view: (name, should, is) => compareView(name, should.view, is.view),
};

function toldByOthers(): LocatedFinding[] {
  return [];
}

/** How to report a collection or a view that exists on one side only. `other` is the kind of object that has its name instead. */
const oneSided: {
  readonly [K in NamedKind]: {
    missing(name: string, should: Contents, other: string | undefined): LocatedFinding;
    extra(name: string, is: Contents): LocatedFinding;
  };
} = {
  collection: { missing: missingCollection, extra: extraCollection },
  view: { missing: missingView, extra: extraView },
};

type Applied = Pick<Migration, 'name' | 'changes' | 'steps'>;

/** Returns all differences between a live schema and the result of the migrations, in both directions, sorted by collection name. */
export function findDrift(
  expected: Schema,
  { schema, others, closed, setAside }: LiveSchema,
  applied: readonly Applied[] = [],
  gone: readonly AcceptedAsMissing[] = [],
): Finding[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(schema), ...others.keys()])].sort();
  const describeClosed = (name: string) => {
    const before = closed.get(name);
    return before ? [closedCollection(name, before)] : [];
  };
  const findings = names.flatMap((name): LocatedFinding[] => {
    const [should, is] = [own(expected, name), own(schema, name)];
    const [wanted, found] = [should, is].map((contents) => contents && kindOf(contents));
    if (!should || !wanted) {
      return is && found ? [oneSided[found].extra(name, is)] : [notACollection(name, others.get(name) ?? 'unknown')];
    }
    const isSetAside = [...setAside.values()].some(({ was, isPlaceholder }) => was === name && !isPlaceholder);
    // The collection is not missing: a drop has renamed it. The finding for its current name shows the fix.
    if (!is && isSetAside) return [];
    if (!is || found !== wanted) return [oneSided[wanted].missing(name, should, found ?? others.get(name))];
    return [...describeClosed(name), ...Object.values(comparisons).flatMap((compare) => compare(name, should, is))];
  });
  findings.push(...[...setAside.values()].map(setAsideCollection));
  // What a plain migration (without verbs) creates is unknown: it may have created a collection that no other migration mentions.
  const plain = applied.filter(isPlain).map(({ name }) => name);
  return findings.map(({ location, ...finding }) => {
    if (plain.length > 0 && mayBeOfPlain.has(finding.kind)) {
      return {
        ...finding,
        severity: 'notice',
        words: [...finding.words, `may have been created by ${shortList(plain)}`],
      };
    }
    const migration = finding.expected !== undefined && location ? makerOf(location, applied) : undefined;
    const author = location && mayBeWorkOf(gone, wirePlace(location));
    return {
      severity: author ? 'notice' : severityOf(finding.kind),
      ...finding,
      ...(author && { words: [...finding.words, `made by ${author.name}, which was accepted as missing`] }),
      ...(migration !== undefined && { migration }),
    };
  });
}

const mayBeOfPlain: ReadonlySet<FindingKind> = new Set(['collection extra', 'view extra', 'not a collection']);

function shortList(names: readonly string[]): string {
  const [first = ''] = names;
  return names.length === 1
    ? `${first}, a plain migration`
    : `one of ${names.length} plain migrations, the first ${first}`;
}

/** Returns the name of the newest migration that changed a place in the schema. */
function makerOf(location: Location, applied: readonly Applied[]): string | undefined {
  return applied.findLast(({ changes }) => changes.some((change) => overlaps(change, location)))?.name;
}
