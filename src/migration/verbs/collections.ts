import type { Document } from 'mongodb';
import { change, toPlain } from '../../schema';
import type { SchemaStep } from '../step';
import { checkCollation } from './collation';
import { checkCollectionName } from './names';

const ownVerb: Readonly<Record<string, string>> = {
  validator: 'addValidator',
  validationLevel: 'addValidator',
  validationAction: 'addValidator',
};

/** A capped collection's size is rounded up to a multiple of this (bytes), so another would never equal the server's. */
const cappedSizeUnit = 256;

/**
 * Creates collections: `createCollections('users', 'projects')`, or one with options, in MongoDB's own names:
 * `createCollections({ name: 'events', capped: true, size: 1048576 })`. Going down drops them; one that holds
 * documents is refused.
 * @throws Error for a name or options that the server would refuse or alter.
 */
export function createCollections(...definitions: readonly (string | ({ readonly name: string } & Document))[]): SchemaStep {
  const changes = definitions.map((definition) => {
    const { name, ...options } = typeof definition === 'string' ? { name: definition } : definition;
    checkCollectionName(name);
    checkOptions(name, options);
    return change([name, 'options'], undefined, toPlain(options));
  });
  return { describe: [`create the collections ${changes.map(({ at }) => at[0]).join(', ')}`], changes };
}

function checkOptions(collection: string, options: Document): void {
  for (const option of Object.keys(options)) {
    const verb = ownVerb[option];
    if (verb) throw new Error(`createCollections takes no ${option} (collection ${collection}): use ${verb}.`);
  }
  if (options['collation']) checkCollation(options['collation'] as Document, `The collection ${collection}`);
  const size = options['size'] as number | undefined;
  if (size !== undefined && size % cappedSizeUnit !== 0) {
    const next = Math.ceil(size / cappedSizeUnit) * cappedSizeUnit;
    throw new Error(`The size of ${collection} is ${size} bytes; the server would make it ${next}. Write that.`);
  }
}
