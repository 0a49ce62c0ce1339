import type { Document } from 'mongodb';
import { canonicalOptions, change, collectionProblems, relaxed, toPlain } from '../../schema';
import type { SchemaStep } from '../types';
import { checkObject, checkText, withoutUndefined } from './arguments';
import { withWholeCollation } from './collation';
import { checkCollectionName } from './names';
import { SchemaError } from '../../support/schema-error';

/** Options that are not for this verb, and what to do instead. */
const foreign: ReadonlyMap<string, string> = new Map([
  ['validator', 'use addValidator'],
  ['validationLevel', 'use addValidator'],
  ['validationAction', 'use addValidator'],
  ['viewOn', 'use createView'],
  ['pipeline', 'use createView'],
  ['timeseries', 'time series are no part of the schema'],
  ['idIndex', 'every collection has the same index on _id'],
]);

/**
 * Creates collections: `createCollections('users', 'projects')`, or one with options, in MongoDB's own names:
 * `createCollections({ name: 'events', capped: true, size: 1048576 })`. Going down drops them; one that holds
 * documents is refused.
 * @throws error for a name or options that the server would refuse or alter.
 */
export function createCollections(
  ...definitions: readonly (string | ({ readonly name: string } & Document))[]
): SchemaStep {
  const changes = definitions.map((definition) => {
    const { name, ...options } = typeof definition === 'string' ? { name: definition } : checked(definition);
    checkText('createCollections', 'name', name);
    checkCollectionName(name);
    const given = withoutUndefined(options);
    checkOptions(name, given);
    return change(
      'collection',
      { collection: name },
      undefined,
      canonicalOptions(toPlain(withWholeCollation(given, 'collection'))),
    );
  });
  return { describe: [`create the collections ${changes.map(({ place }) => place.collection).join(', ')}`], changes };
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

function checkOptions(collection: string, options: Document): void {
  for (const option of Object.keys(options)) {
    const advice = foreign.get(option);
    if (advice) {
      throw new SchemaError('MIGRATION', `createCollections takes no ${option} (collection ${collection})`, {
        fix: advice,
      });
    }
  }
  const problems = [...collectionProblems(relaxed(toPlain(options)))];
  if (problems.length > 0)
    throw new SchemaError('MIGRATION', `The collection ${collection} ${problems.join('; and it ')}`);
}
