import {
  describePlace,
  equalAt,
  type Collection,
  type CollectionOptions,
  type PlainObject,
  type Validator,
} from '../../schema';
import { actionOf, count, describeDifferences, describeExpressionChange, describeValidator, levelOf } from '../explain';
import { sides, type PlacedFinding } from './findings';
import { mongosh } from './mongosh';

/** A collection that is not there: one finding, not one for everything that should be in it. */
export function missingCollection(name: string, { options }: Collection, other: string | undefined): PlacedFinding {
  const at = [name, 'options'] as const;
  return {
    kind: 'collection missing',
    at,
    place: describePlace(at),
    ...sides(options, other),
    words: other === undefined ? [] : [`a ${other} of that name is there`],
    wayOut:
      (other === undefined ? '' : `Drop or rename the ${other}. `) +
      'If the collection held documents, restore it from a backup. Else create it, and look again: what is missing in it is found then.',
    commands: [mongosh.createCollection(name, options)],
  };
}

export function extraCollection(name: string, { options, indexes, validator }: Collection): PlacedFinding {
  const at = [name, 'options'] as const;
  return {
    kind: 'collection extra',
    at,
    place: describePlace(at),
    found: options,
    words: [`${count(Object.keys(indexes).length, 'index')}, ${validator ? 'a' : 'no'} validator`],
    wayOut:
      'To keep it, write it into a migration with createCollections: a deploy finds it there. Else look at what it holds, and drop it.',
    commands: [],
  };
}

/** What stands there and is no collection: no migration could have made it. */
export function notACollection(name: string, kind: string): PlacedFinding {
  return {
    kind: 'not a collection',
    at: [name],
    place: `${kind} ${name}`,
    found: kind,
    words: [],
    wayOut: 'Nothing has to be done: views and time series are no part of the schema.',
    commands: [],
  };
}

export function closedCollection(name: string): PlacedFinding {
  const at = [name, 'validator'] as const;
  return {
    kind: 'collection closed',
    at,
    place: `collection ${name}`,
    words: ['a drop of it was interrupted, and it takes no writes'],
    wayOut: 'Run again what dropped it: `deploy`, or `rollback`. It ends the drop, or opens the collection again.',
    commands: [],
  };
}

export function compareOptions(name: string, expected: CollectionOptions, found: CollectionOptions): PlacedFinding[] {
  const at = [name, 'options'] as const;
  if (equalAt(at, expected, found)) return [];
  return [
    {
      kind: 'options differ',
      at,
      place: `options of collection ${name}`,
      ...sides(expected, found),
      words: describeDifferences(expected, found),
      wayOut:
        'Somebody made the collection anew. Copy its documents into one with the right options, and swap the names.',
      commands: [],
    },
  ];
}

/** How a validator differs: being there, what it asks for, its level, its action. */
export function compareValidator(
  name: string,
  expected: Validator | undefined,
  found: Validator | undefined,
): PlacedFinding[] {
  const at = [name, 'validator'] as const;
  const [place, wayOut] = [
    describePlace(at),
    'Put it back, or write what is there into a migration with changeValidator.',
  ];
  const commands = expected ? [mongosh.setValidator(name, expected)] : [mongosh.removeValidator(name)];
  const common = { at, place, wayOut, commands };
  if (!expected && !found) return [];
  if (!found) {
    const words = expected ? [describeValidator(expected)] : [];
    return [
      { kind: 'validator missing', ...common, expected, words, wayOut: 'Any document is accepted. Put it back.' },
    ];
  }
  if (!expected) {
    const keep = 'To keep it, write it into a migration with addValidator: a deploy finds it there. Else take it away.';
    return [{ kind: 'validator extra', ...common, found, words: [describeValidator(found)], wayOut: keep }];
  }
  const [should, is] = [{ validator: expected.validator }, { validator: found.validator }];
  const differs: PlacedFinding = {
    kind: 'validator differs',
    ...common,
    ...sides(expected.validator, found.validator),
    words: describeExpressionChange(expected, found),
  };
  const settings = [
    ['validation level differs', 'validationLevel', levelOf(expected), levelOf(found)],
    ['validation action differs', 'validationAction', actionOf(expected), actionOf(found)],
  ] as const;
  return [
    ...(equalAt(at, should, is) ? [] : [differs]),
    ...settings
      .filter(([, , wanted, there]) => wanted !== there)
      .map(([kind, option, wanted, there]): PlacedFinding => {
        return {
          kind,
          ...common,
          ...sides(wanted, there),
          words: [],
          commands: [mongosh.collMod(name, { [option]: wanted })],
        };
      }),
  ];
}

type Documents = Readonly<Record<string, PlainObject>>;

/** How reference documents differ. Of one that was edited only the fields that differ are told. */
export function compareDocuments(name: string, expected: Documents, found: Documents): PlacedFinding[] {
  return Object.entries(expected).flatMap(([key, should]): PlacedFinding[] => {
    const at = [name, 'documents', key] as const;
    const is = found[key];
    if (equalAt(at, should, is)) return [];
    if (!is) {
      const wayOut = 'Somebody removed it. Insert it again.';
      const commands = [mongosh.insertDocument(name, should)];
      return [
        { kind: 'document missing', at, place: describePlace(at), expected: should, words: [], wayOut, commands },
      ];
    }
    const differs = (field: string) => describeDifferences(pick(should, field), pick(is, field)).length > 0;
    const only = (document: PlainObject) =>
      Object.fromEntries(Object.entries(document).filter(([field]) => differs(field)));
    return [
      {
        kind: 'document edited',
        at,
        place: describePlace(at),
        ...sides(only(should), only(is)),
        words: describeDifferences(should, is),
        wayOut: 'Save the edited one under another _id if somebody needs it, then put this one back.',
        commands: [mongosh.replaceDocument(name, should)],
      },
    ];
  });
}

function pick(document: PlainObject, field: string): PlainObject {
  const value = document[field];
  return value === undefined ? {} : { [field]: value };
}
