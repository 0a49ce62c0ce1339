import { describePlace, equalAt, indexSignature, type Index, type Place } from '../../schema';
import { compact, describeIndex, describeTtl } from '../explain';
import { sides, type PlacedFinding } from './findings';
import { mongosh } from './mongosh';

type Indexes = Readonly<Record<string, Index>>;

/** What the server changes in place: each is a finding of its own. */
const inPlace = new Set(['expireAfterSeconds', 'hidden', 'prepareUnique']);

/** How the indexes of a collection differ from what they should be, by definition; a name is looked at last. */
export function compareIndexes(collection: string, expected: Indexes, found: Indexes): PlacedFinding[] {
  const missing = Object.keys(expected).filter((name) => !Object.hasOwn(found, name));
  const extra = Object.keys(found).filter((name) => !Object.hasOwn(expected, name));
  const twins = new Map<string, string>();
  for (const name of missing) {
    const taken = new Set(twins.values());
    const twin = extra.find((other) => !taken.has(other) && isSame(expected[name], found[other]));
    if (twin !== undefined) twins.set(name, twin);
  }
  const renamed = new Set(twins.values());
  return [
    ...Object.keys(expected).flatMap((name) => {
      const [should, is] = [expected[name] as Index, found[twins.get(name) ?? name]];
      if (!is) return [missingIndex(collection, name, should)];
      const twin = twins.get(name);
      return [
        ...compareIndex(collection, twin ?? name, should, is),
        // Last: what is advised for it leaves nothing of the other name.
        ...(twin === undefined ? [] : [renamedIndex(collection, name, twin, should)]),
      ];
    }),
    ...extra.filter((name) => !renamed.has(name)).map((name) => extraIndex(collection, name, found[name] as Index)),
  ];
}

/** Whether the server takes two indexes for one: it would refuse the second. */
function isSame(one: Index | undefined, other: Index | undefined): boolean {
  return one !== undefined && other !== undefined && indexSignature(one) === indexSignature(other);
}

function compareIndex(collection: string, name: string, expected: Index, found: Index): PlacedFinding[] {
  const at = [collection, 'indexes', name] as const;
  const place = describePlace(at);
  const [should, is] = [rest(expected), rest(found)];
  if (!equalAt(at, should, is)) {
    const common = Object.keys({ ...should, ...is }).filter((option) => isEqualOption(at, option, should, is));
    const differing = (index: Index) =>
      Object.fromEntries(Object.entries(index).filter(([option]) => !common.includes(option)));
    const isReordered =
      compact(sorted(should.key)) === compact(sorted(is.key)) && compact(should.key) !== compact(is.key);
    return [
      {
        kind: 'index differs',
        at,
        place,
        ...sides(differing(should), differing(is)),
        words: isReordered ? ['the same fields in another order, which serves other queries'] : [],
        wayOut: 'Somebody built it anew by hand. An index cannot be altered, so it has to be dropped and built again.',
        commands: [mongosh.dropIndex(collection, name), mongosh.createIndex(collection, name, expected)],
      },
    ];
  }
  const collMod = (change: Readonly<Record<string, number | boolean>>) =>
    mongosh.collMod(collection, { index: { name, ...change } });
  return [
    ...compareTtl(collection, name, expected, found),
    ...(expected.hidden === found.hidden ? [] : [hiddenFinding(at, expected, found, collMod)]),
    ...(found.prepareUnique === expected.prepareUnique
      ? []
      : [
          {
            kind: 'prepareUnique left on' as const,
            at,
            place,
            ...sides(expected.prepareUnique, found.prepareUnique),
            words: ['documents whose key is there already are refused'],
            wayOut:
              'A conversion to a unique index was begun and not ended. A pending makeUnique ends it; else switch it off.',
            commands: [collMod({ prepareUnique: false })],
          },
        ]),
  ];
}

function compareTtl(collection: string, name: string, expected: Index, found: Index): PlacedFinding[] {
  const [should, is] = [expected.expireAfterSeconds, found.expireAfterSeconds];
  if (should === is) return [];
  const at = [collection, 'indexes', name] as const;
  const text = (seconds: number | undefined) => (seconds === undefined ? 'documents stay' : describeTtl(seconds));
  const removes = should !== undefined && (is === undefined || is > should);
  return [
    {
      kind: 'TTL differs',
      at,
      place: describePlace(at),
      ...sides(should, is),
      words: [`${text(should)} → ${text(is)}`],
      wayOut:
        (removes ? 'Putting it back removes what is older: count that first. ' : '') +
        'If the new time is the right one, changeTtl in a migration says so.',
      commands:
        should === undefined
          ? // A TTL cannot be taken off an index.
            [mongosh.dropIndex(collection, name), mongosh.createIndex(collection, name, expected)]
          : [mongosh.collMod(collection, { index: { name, expireAfterSeconds: should } })],
    },
  ];
}

function hiddenFinding(
  at: Place,
  expected: Index,
  found: Index,
  collMod: (change: Readonly<Record<string, boolean>>) => string,
): PlacedFinding {
  const isHidden = found.hidden === true;
  return {
    kind: isHidden ? 'index hidden' : 'index no longer hidden',
    at,
    place: describePlace(at),
    ...sides(expected.hidden ?? false, found.hidden ?? false),
    words: isHidden ? ['queries do not use it'] : ['queries use it again'],
    wayOut: isHidden
      ? 'Show it again, or say with hideIndex in a migration that it is to go.'
      : 'Hide it again, or roll back the migration that hid it.',
    commands: [collMod({ hidden: !isHidden })],
  };
}

function missingIndex(collection: string, name: string, index: Index): PlacedFinding {
  const at = [collection, 'indexes', name] as const;
  return {
    kind: 'index missing',
    at,
    place: describePlace(at),
    expected: index,
    words: [],
    wayOut: 'Somebody dropped it. Build it again; if nobody needs it, dropIndexes in a migration says so.',
    commands: [mongosh.createIndex(collection, name, index)],
  };
}

function extraIndex(collection: string, name: string, index: Index): PlacedFinding {
  const at = [collection, 'indexes', name] as const;
  return {
    kind: 'index extra',
    at,
    place: describePlace(at),
    found: index,
    words: [describeIndex(index)],
    wayOut: 'To keep it, write it into a migration with createIndexes: a deploy finds it there. Else drop it.',
    commands: [mongosh.dropIndex(collection, name)],
  };
}

function renamedIndex(collection: string, name: string, other: string, index: Index): PlacedFinding {
  const at = [collection, 'indexes', name] as const;
  return {
    kind: 'index renamed',
    at,
    place: describePlace(at),
    expected: name,
    found: other,
    words: ['the same index under another name: queries are served, but migrations and hints do not find it'],
    wayOut: 'An index cannot be renamed. When there is little traffic, drop it and build it under its own name.',
    commands: [mongosh.dropIndex(collection, other), mongosh.createIndex(collection, name, index)],
  };
}

/** An index without what the server changes in place. */
function rest(index: Index): Index {
  return Object.fromEntries(Object.entries(index).filter(([option]) => !inPlace.has(option))) as unknown as Index;
}

function isEqualOption(at: Place, option: string, one: Index, other: Index): boolean {
  const only = (index: Index) => (index[option] === undefined ? {} : { [option]: index[option] }) as unknown as Index;
  return equalAt(at, only(one), only(other));
}

function sorted(key: Index['key']): object {
  return Object.fromEntries(Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1)));
}
