import {
  actionOf,
  change,
  commandsFor,
  describePlace,
  equal,
  levelOf,
  mongosh,
  mayDelete,
  optionsForCollMod,
  renameCommand,
  reopenCommand,
  timeSeriesOf,
  type Location,
  type CollectionOptions,
  type Contents,
  type PlainObject,
  type Validation,
  type Validator,
} from '../../schema';
import type { SetAside } from '../../database';
import { count, describeDifferences, describeExpressionChange, describeValidator } from '../explain';
import { sides, type LocatedFinding } from './findings';

function collectionAt(name: string): Location<'collection'> {
  return { kind: 'collection', place: { collection: name } };
}

/** A collection that is not there: one finding, not one for everything that should be in it. */
export function missingCollection(name: string, { options = {} }: Contents, other: string | undefined): LocatedFinding {
  const location = collectionAt(name);
  return {
    kind: 'collection missing',
    location,
    place: describePlace(location),
    ...sides(options, other),
    words: other === undefined ? [] : [`a ${other} of that name is there`],
    fix:
      (other === undefined ? '' : `Drop or rename the ${other}. `) +
      'If the collection held documents, restore it from a backup. Else create it, and look again: what is missing in it is found then.',
    commands: [mongosh.createCollection(name, options)],
  };
}

/** Of one whose indexes may not be read, the contents have none. */
export function extraCollection(name: string, { options, indexes, validator }: Contents): LocatedFinding {
  if (timeSeriesOf(options)) return notACollection(name, 'timeseries');
  const location = collectionAt(name);
  return {
    kind: 'collection extra',
    location,
    place: describePlace(location),
    found: options,
    words: [
      `${indexes ? count(Object.keys(indexes).length, 'index') : 'indexes that this user may not read'}, ${validator ? 'a' : 'no'} validator`,
    ],
    fix: 'To keep it, write it into a migration with createCollections: a deploy finds it there. Else look at what it holds, and drop it.',
    commands: [],
  };
}

/** What stands there and is of no kind that a migration could have made. */
export function notACollection(name: string, kind: string): LocatedFinding {
  return {
    kind: 'not a collection',
    place: `${kind} ${name}`,
    found: kind,
    words: [],
    fix: 'Nothing has to be done. To make a time series part of the schema, write it into a migration with createTimeSeries: a deploy finds it there.',
    commands: [],
  };
}

/** A collection that an interrupted drop has left closed to writes. */
export function closedCollection(name: string, before: Validation): LocatedFinding {
  return {
    kind: 'collection closed',
    place: `collection ${name}`,
    words: ['a drop of it was interrupted, and it takes no writes'],
    fix: 'Run again what dropped it: `deploy`, or `rollback`. It ends the drop, or opens the collection again. To open it by hand:',
    commands: [reopenCommand(name, before)],
  };
}

/** A collection under the name that a drop gives it, or an empty one that keeps such a name taken. */
export function setAsideCollection({ name, was, before, isPlaceholder }: SetAside): LocatedFinding {
  const place = `collection ${name}`;
  if (isPlaceholder) {
    return {
      kind: 'name kept taken',
      place,
      words: ['it is empty: a run whose predecessor lost the lease keeps the name taken'],
      fix: 'Nothing, while a run is at work. If none is, drop it:',
      commands: [mongosh.drop(name)],
    };
  }
  const bringsBack =
    was === undefined ? [] : [renameCommand(name, was), ...(before ? [reopenCommand(was, before)] : [])];
  return {
    kind: 'collection set aside',
    place,
    words: [was === undefined ? 'a drop of it was interrupted' : `a drop of ${was} was interrupted`],
    fix: before
      ? 'Run again what dropped it: `deploy`, or `rollback`. It brings the collection back, or ends the drop. To bring it back by hand:'
      : 'No run brings it back: it is not closed, so a command of a run that lost its lease may have arrived late, or it is something else. To bring it back by hand:',
    commands: bringsBack,
  };
}

export function compareOptions(
  name: string,
  expected: CollectionOptions = {},
  found: CollectionOptions = {},
): LocatedFinding[] {
  if (equal('collection', expected, found)) return [];
  return [
    {
      kind: 'options differ',
      location: collectionAt(name),
      place: `options of collection ${name}`,
      ...sides(expected, found),
      words: describeDifferences(expected, found, 'collection'),
      ...wayBack(name, found, expected),
    },
  ];
}

function wayBack(name: string, found: CollectionOptions, expected: CollectionOptions) {
  const options = optionsForCollMod(found, expected);
  if (!options) {
    const fix =
      'Somebody made the collection anew. Copy its documents into one with the right options, and swap the names.';
    return { fix, commands: [] };
  }
  return {
    fix:
      (mayDelete(options) ? 'Putting it back may delete documents: look at what is there first. ' : 'Put it back. ') +
      'If what is there is right, changeCollection in a migration says so.',
    commands: [mongosh.collMod(name, options)],
  };
}

/** How a validator differs: being there, what it asks for, its level, its action. */
export function compareValidator(
  name: string,
  expected: Validator | undefined,
  found: Validator | undefined,
): LocatedFinding[] {
  const location = { kind: 'validator', place: { collection: name } } as const;
  const [place, fix] = [
    describePlace(location),
    'Put it back, or write what is there into a migration with changeValidator.',
  ];
  const commands = commandsFor(change('validator', { collection: name }, found, expected));
  const common = { location, place, fix, commands };
  if (!expected && !found) return [];
  if (!found) {
    const words = expected ? [describeValidator(expected)] : [];
    return [{ kind: 'validator missing', ...common, expected, words, fix: 'Any document is accepted. Put it back.' }];
  }
  if (!expected) {
    const keep = 'To keep it, write it into a migration with addValidator: a deploy finds it there. Else take it away.';
    return [{ kind: 'validator extra', ...common, found, words: [describeValidator(found)], fix: keep }];
  }
  const [should, is] = [{ validator: expected.validator }, { validator: found.validator }];
  const differs: LocatedFinding = {
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
    ...(equal('validator', should, is) ? [] : [differs]),
    ...settings
      .filter(([, , wanted, there]) => wanted !== there)
      .map(([kind, option, wanted, there]): LocatedFinding => {
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
export function compareDocuments(name: string, expected: Documents, found: Documents): LocatedFinding[] {
  return Object.entries(expected).flatMap(([key, should]): LocatedFinding[] => {
    const location = { kind: 'document', place: { collection: name, key } } as const;
    const is = found[key];
    if (equal('document', should, is)) return [];
    if (!is) {
      const fix = 'Somebody removed it. Insert it again.';
      const commands = commandsFor(change('document', location.place, undefined, should));
      return [
        {
          kind: 'document missing',
          location,
          place: describePlace(location),
          expected: should,
          words: [],
          fix,
          commands,
        },
      ];
    }
    const differs = (field: string) => describeDifferences(pick(should, field), pick(is, field)).length > 0;
    const only = (document: PlainObject) =>
      Object.fromEntries(Object.entries(document).filter(([field]) => differs(field)));
    return [
      {
        kind: 'document edited',
        location,
        place: describePlace(location),
        ...sides(only(should), only(is)),
        words: describeDifferences(should, is),
        fix: 'Save the edited one under another _id if somebody needs it, then put this one back.',
        commands: commandsFor(change('document', location.place, is, should)),
      },
    ];
  });
}

function pick(document: PlainObject, field: string): PlainObject {
  const value = document[field];
  return value === undefined ? {} : { [field]: value };
}
