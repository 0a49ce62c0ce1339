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

/** Returns a single finding for a missing collection, without findings for its contents. */
export function missingCollection(name: string, { options = {} }: Contents, other: string | undefined): LocatedFinding {
  const location = collectionAt(name);
  return {
    kind: 'collection missing',
    location,
    place: describePlace(location),
    ...sides(options, other),
    words: other === undefined ? [] : [`a ${other} with that name exists`],
    fix:
      (other === undefined ? '' : `Drop or rename the ${other}. `) +
      'If the collection held documents, restore it from a backup. Otherwise create it, and run the comparison again to find what is missing in it.',
    commands: [mongosh.createCollection(name, options)],
  };
}

/** Returns the finding for an extra collection. The contents have no indexes if this user may not read them. */
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
    fix: 'To keep it, add it to a migration with createCollections: a deploy finds it and skips it. Otherwise check its documents, and drop it.',
    commands: [],
  };
}

/** Returns the finding for an extra time series, or for an object of a kind that the schema does not describe. */
export function notACollection(name: string, kind: string): LocatedFinding {
  return {
    kind: 'not a collection',
    place: `${kind} ${name}`,
    found: kind,
    words: [],
    fix: 'Nothing needs to be done. To make a time series part of the schema, add it to a migration with createTimeSeries: a deploy finds it and skips it.',
    commands: [],
  };
}

/** Returns the finding for a collection that an interrupted drop left closed for writes. */
export function closedCollection(name: string, before: Validation): LocatedFinding {
  return {
    kind: 'collection closed',
    place: `collection ${name}`,
    words: ['its drop was interrupted, and it is closed for writes'],
    fix: 'Run the same command again (`deploy` or `rollback`). It finishes the drop, or opens the collection again. To open it by hand:',
    commands: [reopenCommand(name, before)],
  };
}

/** Returns the finding for a collection that an interrupted drop has renamed, or for an empty placeholder with such a name. */
export function setAsideCollection({ name, was, before, isPlaceholder }: SetAside): LocatedFinding {
  const place = `collection ${name}`;
  if (isPlaceholder) {
    return {
      kind: 'name kept taken',
      place,
      words: ['it is an empty placeholder: it blocks late commands of a run that lost its lease'],
      fix: 'Do nothing while a run is working. If no run is working, drop the placeholder:',
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
      ? 'Run the same command again (`deploy` or `rollback`). It restores the collection, or finishes the drop. To restore it by hand:'
      : 'No run restores this collection, because it is not closed: a command of a run that lost its lease may have arrived late, or this is another collection. To restore it by hand:',
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
      'The collection was created again by hand. Copy its documents into a new collection with the right options, and swap the names.';
    return { fix, commands: [] };
  }
  return {
    fix:
      (mayDelete(options)
        ? 'Restoring the options may delete documents: check them first. '
        : 'Restore the options. ') + 'If the present options are right, add a changeCollection to a migration.',
    commands: [mongosh.collMod(name, options)],
  };
}

/** Returns the differences of a validator: whether it exists, its rules, its level, its action. */
export function compareValidator(
  name: string,
  expected: Validator | undefined,
  found: Validator | undefined,
): LocatedFinding[] {
  // Checked first, because describing a validator takes long, and most validators are as expected.
  if (equal('validator', expected, found)) return [];
  const location = { kind: 'validator', place: { collection: name } } as const;
  const [place, fix] = [
    describePlace(location),
    'Restore the validator, or add the present one to a migration with changeValidator.',
  ];
  const commands = commandsFor(change('validator', { collection: name }, found, expected));
  const common = { location, place, fix, commands };
  if (!found) {
    const words = expected ? [describeValidator(expected)] : [];
    return [
      {
        kind: 'validator missing',
        ...common,
        expected,
        words,
        fix: 'Any document is accepted. Restore the validator.',
      },
    ];
  }
  if (!expected) {
    const keep =
      'To keep it, add it to a migration with addValidator: a deploy finds it and skips it. Otherwise remove it.';
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

/** Returns the differences of reference documents. For an edited document, only the differing fields are shown. */
export function compareDocuments(name: string, expected: Documents, found: Documents): LocatedFinding[] {
  return Object.entries(expected).flatMap(([key, should]): LocatedFinding[] => {
    const location = { kind: 'document', place: { collection: name, key } } as const;
    const is = found[key];
    if (equal('document', should, is)) return [];
    if (!is) {
      const fix = 'The document was removed by hand. Insert it again.';
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
        fix: 'If the edited document is needed, save it under another _id. Then restore the original document.',
        commands: commandsFor(change('document', location.place, is, should)),
      },
    ];
  });
}

function pick(document: PlainObject, field: string): PlainObject {
  const value = document[field];
  return value === undefined ? {} : { [field]: value };
}
