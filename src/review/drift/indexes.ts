import {
  describePlace,
  equal,
  indexSignature,
  mongosh,
  own,
  unchangeable,
  type Index,
  type Location,
} from '../../schema';
import { compact, describeIndex, describeTtl } from '../explain';
import { sides, type LocatedFinding } from './findings';

type Indexes = Readonly<Record<string, Index>>;

/** Compares the indexes of a collection. A missing index that has the same definition under another name is reported as renamed. */
export function compareIndexes(collection: string, expected: Indexes, found: Indexes): LocatedFinding[] {
  const missing = Object.keys(expected).filter((name) => !Object.hasOwn(found, name));
  const extra = Object.entries(found).filter(([name]) => !Object.hasOwn(expected, name));
  const twins = new Map<string, string>();
  for (const name of missing) {
    const taken = new Set(twins.values());
    const twin = extra.find(([other, index]) => !taken.has(other) && isSame(expected[name], index));
    if (twin) twins.set(name, twin[0]);
  }
  const renamed = new Set(twins.values());
  return [
    ...Object.entries(expected).flatMap(([name, should]) => {
      const is = own(found, twins.get(name) ?? name);
      if (!is) return [missingIndex(collection, name, should)];
      const twin = twins.get(name);
      return [
        ...compareIndex(collection, twin ?? name, should, is),
        // This finding comes last, because its fix drops the index with the other name.
        ...(twin === undefined ? [] : [renamedIndex(collection, name, twin, should)]),
      ];
    }),
    ...extra.filter(([name]) => !renamed.has(name)).map(([name, index]) => extraIndex(collection, name, index)),
  ];
}

/** Returns whether two indexes are the same to the server, which would therefore refuse the second one. */
function isSame(one: Index | undefined, other: Index | undefined): boolean {
  return one !== undefined && other !== undefined && indexSignature(one) === indexSignature(other);
}

function compareIndex(collection: string, name: string, expected: Index, found: Index): LocatedFinding[] {
  const location = indexAt(collection, name);
  const place = describePlace(location);
  const [should, is] = [unchangeable(expected), unchangeable(found)];
  if (!equal('index', should, is)) {
    const common = Object.keys({ ...should, ...is }).filter((option) => isEqualOption(option, should, is));
    const differing = (index: Index) =>
      Object.fromEntries(Object.entries(index).filter(([option]) => !common.includes(option)));
    const isReordered =
      compact(sorted(should.key)) === compact(sorted(is.key)) && compact(should.key) !== compact(is.key);
    return [
      {
        kind: 'index differs',
        location,
        place,
        ...sides(differing(should), differing(is)),
        words: isReordered ? ['the same fields in another order, which serves other queries'] : [],
        fix: 'It was rebuilt by hand. An index cannot be changed, so drop it and build it again.',
        commands: [mongosh.dropIndex(collection, name), mongosh.createIndex(collection, name, expected)],
      },
    ];
  }
  const collMod = (change: Readonly<Record<string, number | boolean>>) =>
    mongosh.collMod(collection, { index: { name, ...change } });
  return [
    ...compareTtl(collection, name, expected, found),
    ...(expected.hidden === found.hidden ? [] : [hiddenFinding(location, expected, found, collMod)]),
    ...(found.prepareUnique === expected.prepareUnique
      ? []
      : [
          {
            kind: 'prepareUnique left on' as const,
            location,
            place,
            ...sides(expected.prepareUnique, found.prepareUnique),
            words: ['documents with a key that already exists are refused'],
            fix: 'A conversion to a unique index was begun and not finished. A pending makeUnique finishes the conversion; otherwise switch prepareUnique off.',
            commands: [collMod({ prepareUnique: false })],
          },
        ]),
  ];
}

function compareTtl(collection: string, name: string, expected: Index, found: Index): LocatedFinding[] {
  const [should, is] = [expected.expireAfterSeconds, found.expireAfterSeconds];
  if (should === is) return [];
  const location = indexAt(collection, name);
  const text = (seconds: number | undefined) => (seconds === undefined ? 'documents are kept' : describeTtl(seconds));
  const removes = should !== undefined && (is === undefined || is > should);
  return [
    {
      kind: 'TTL differs',
      location,
      place: describePlace(location),
      ...sides(should, is),
      words: [`${text(should)} → ${text(is)}`],
      fix:
        (removes ? 'Restoring it deletes older documents: count them first. ' : '') +
        'If the new time is right, add a changeTtl to a migration.',
      commands:
        should === undefined
          ? // A TTL cannot be removed from an index.
            [mongosh.dropIndex(collection, name), mongosh.createIndex(collection, name, expected)]
          : [mongosh.collMod(collection, { index: { name, expireAfterSeconds: should } })],
    },
  ];
}

function hiddenFinding(
  location: Location,
  expected: Index,
  found: Index,
  collMod: (change: Readonly<Record<string, boolean>>) => string,
): LocatedFinding {
  const isHidden = found.hidden === true;
  return {
    kind: isHidden ? 'index hidden' : 'index no longer hidden',
    location,
    place: describePlace(location),
    ...sides(expected.hidden ?? false, found.hidden ?? false),
    words: isHidden ? ['queries do not use it'] : ['queries use it again'],
    fix: isHidden
      ? 'Show it again, or add a hideIndex to a migration.'
      : 'Hide it again, or add a showIndex to a migration.',
    commands: [collMod({ hidden: !isHidden })],
  };
}

function missingIndex(collection: string, name: string, index: Index): LocatedFinding {
  const location = indexAt(collection, name);
  return {
    kind: 'index missing',
    location,
    place: describePlace(location),
    expected: index,
    words: [],
    fix: 'It was dropped by hand. Build it again; if it is not needed, add a dropIndexes to a migration.',
    commands: [mongosh.createIndex(collection, name, index)],
  };
}

function extraIndex(collection: string, name: string, index: Index): LocatedFinding {
  const location = indexAt(collection, name);
  return {
    kind: 'index extra',
    location,
    place: describePlace(location),
    found: index,
    words: [describeIndex(index)],
    fix: 'To keep it, add it to a migration with createIndexes: a deploy finds it and skips it. Otherwise drop it.',
    commands: [mongosh.dropIndex(collection, name)],
  };
}

function renamedIndex(collection: string, name: string, other: string, index: Index): LocatedFinding {
  const location = indexAt(collection, name);
  return {
    kind: 'index renamed',
    location,
    place: describePlace(location),
    expected: name,
    found: other,
    words: ['the same index under another name: it serves queries, but migrations and hints do not find it'],
    fix: 'An index cannot be renamed. When there is little traffic, drop it and build it under its proper name.',
    commands: [mongosh.dropIndex(collection, other), mongosh.createIndex(collection, name, index)],
  };
}

function indexAt(collection: string, name: string): Location<'index'> {
  return { kind: 'index', place: { collection, name } };
}

function isEqualOption(option: string, one: Index, other: Index): boolean {
  const only = (index: Index): Index => ({ key: {}, [option]: index[option] });
  return equal('index', only(one), only(other));
}

function sorted(key: Index['key']): object {
  return Object.fromEntries(Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1)));
}
