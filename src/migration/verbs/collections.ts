import type { Document } from 'mongodb';
import {
  canonicalOptions,
  change,
  timeSeriesOf,
  collectionProblems,
  differingOptions,
  fixedOptions,
  relaxed,
  toPlain,
  type Change,
  type CollectionOptions,
} from '../../schema';
import type { SchemaStep } from '../types';
import { checkNames, checkObject, checkText, withoutUndefined } from './arguments';
import { withWholeCollation } from './collation';
import { checkCollectionName } from './names';
import { SchemaError } from '../../support/schema-error';

/** Options that belong to other verbs, and what to use instead. */
const foreign: ReadonlyMap<string, string> = new Map([
  ['validator', 'use addValidator'],
  ['validationLevel', 'use addValidator'],
  ['validationAction', 'use addValidator'],
  ['viewOn', 'use createView'],
  ['pipeline', 'use createView'],
  ['timeseries', 'use createTimeSeries'],
  ['idIndex', 'every collection has the same index on _id'],
]);

/**
 * Creates collections, by name or with options. The options have MongoDB's own names.
 * @category Collections
 * @example
 * createCollections('users', 'projects'),
 * createCollections({ name: 'events', capped: true, size: 1_048_576 }),
 * @down Drops the collections. Dropping a collection that holds documents is refused, unless `--allow-data-loss` names the migration.
 * @cost Blocks nothing.
 * @throws error with code `MIGRATION` for a name or options that the server would refuse or change.
 */
export function createCollections(
  ...definitions: readonly (string | ({ readonly name: string } & Document))[]
): SchemaStep {
  const changes = definitions.map((definition) => {
    const { name, ...options } = typeof definition === 'string' ? { name: definition } : checked(definition);
    checkText('createCollections', 'name', name);
    refuseForeign('createCollections', name, options, foreign);
    return collectionCreated('createCollections', name, options);
  });
  const names = changes.map(({ place }) => `\`${place.collection}\``).join(', ');
  return { describe: [`create the ${changes.length === 1 ? 'collection' : 'collections'} ${names}`], changes };
}

/** @throws error with code `MIGRATION` for a name or options that the server would refuse or change */
export function collectionCreated(verb: string, name: string, options: Document): Change<'collection'> {
  return change('collection', { collection: name }, undefined, optionsOf(verb, name, options));
}

/** All options of a collection before and after, as in `createCollections`. */
export interface CollectionChange {
  /** All current options, as in `createCollections`. */
  readonly from: Document;
  /** All new options. */
  readonly to: Document;
}

/**
 * Changes the options that MongoDB can change in an existing collection: `size` and `max` of a capped collection, `expireAfterSeconds`
 * of a clustered collection or of a time series, `changeStreamPreAndPostImages`, and the bucket size of a time series (its granularity
 * or its bucket spans). Write all options of the collection in both `from` and `to`.
 * @category Collections
 * @example
 * changeCollection('events', { from: { capped: true, size: 4096 }, to: { capped: true, size: 8192 } }),
 * @down Restores the old options. The bucket size of a time series can only be increased, so this change cannot be undone.
 * @cost Operations on the collection wait for a moment. A smaller limit or a shorter expiry deletes documents: the
 *   documents are counted first, and the run requires `--allow-data-loss` with the migration's name.
 * @throws error with code `MIGRATION` for options that the server would refuse, or cannot change.
 */
export function changeCollection(collection: string, options: CollectionChange): SchemaStep {
  const verb = 'changeCollection';
  checkText(verb, 'first argument', collection);
  checkObject(verb, 'second argument', options, 'an object: { from: { … }, to: { … } }');
  checkNames(verb, options, ['from', 'to']);
  checkObject(verb, '`from`', options.from);
  checkObject(verb, '`to`', options.to);
  const [from, to] = [optionsOf(verb, collection, options.from), optionsOf(verb, collection, options.to)];
  const fixed = fixedOptions(from, to);
  if (fixed.length > 0) {
    throw new SchemaError('MIGRATION', `changeCollection cannot change ${fixed.join(', ')} of ${collection}`, {
      why: fixed.every((name) => name === 'max' || name === 'size')
        ? 'a limit of a capped collection can be changed, but not removed; so the addition of a limit could not be rolled back'
        : 'MongoDB has no command for this',
      fix: 'create another collection with these options, copy the documents in a step of `run`, and drop the old collection later',
    });
  }
  const changed = differingOptions(from, to);
  if (changed.length === 0) {
    throw new SchemaError('MIGRATION', `changeCollection('${collection}') has the same options before and after`, {
      fix: 'correct `from` or `to`, or remove the step',
    });
  }
  return {
    describe: [`change ${changed.join(' and ')} of the collection \`${collection}\``],
    changes: [change('collection', { collection }, from, to)],
    ...(timeSeriesOf(to) &&
      changed.includes('timeseries') && {
        irreversible: `the buckets of the time series ${collection} can only grow`,
      }),
  };
}

function checked(definition: { readonly name: string } & Document): { readonly name: string } & Document {
  checkObject(
    'createCollections',
    'argument',
    definition,
    "a name, or an object such as { name: 'events', capped: true }",
  );
  return definition;
}

/** @throws error with code `MIGRATION` for a name or options that the server would refuse or change */
function optionsOf(verb: string, collection: string, options: Document): CollectionOptions {
  checkCollectionName(collection, verb);
  const given = withoutUndefined(options);
  checkOptions(verb, collection, given);
  return canonicalOptions(toPlain(withWholeCollation(given, 'collection')));
}

function refuseForeign(verb: string, collection: string, options: Document, verbs: ReadonlyMap<string, string>): void {
  for (const option of Object.keys(options)) {
    const advice = verbs.get(option);
    if (advice === undefined) continue;
    throw new SchemaError('MIGRATION', `${verb} does not accept ${option} (collection ${collection})`, { fix: advice });
  }
}

function checkOptions(verb: string, collection: string, options: Document): void {
  const { timeseries: _timeseries, ...others } = options;
  refuseForeign(verb, collection, others, foreign);
  const problems = [...collectionProblems(relaxed(toPlain(options)))];
  if (problems.length > 0)
    throw new SchemaError('MIGRATION', `The collection ${collection} ${problems.join('; and it ')}`);
}
