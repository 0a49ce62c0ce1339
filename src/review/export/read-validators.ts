import { find, isPlainObject, type PlainObject, type Schema } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import { readValue, UnknownConstruct } from './read-value';
import type { CollectionShape } from './shapes';

/**
 * What the documents of each collection that has a validator are, by the name of the collection.
 * @throws UnknownConstruct for a construct that has no shape
 */
export function readValidators(schema: Schema): CollectionShape[] {
  return Object.keys(schema)
    .sort()
    .flatMap((collection) => {
      const validator = jsonSchemaOf(schema, collection);
      return validator ? [readCollection(collection, validator)] : [];
    });
}

function readCollection(collection: string, validator: PlainObject): CollectionShape {
  const { types, title, description } = readValue(collection, validator);
  const [document, ...others] = types === 'any' ? [] : types;
  if (document?.type !== 'object' || others.length > 0)
    throw new UnknownConstruct(collection, 'bsonType', 'a document is an object');
  if (!document.isOpen && !document.fields.some(({ name }) => name === '_id'))
    throw new UnknownConstruct(collection, 'additionalProperties', 'it refuses the _id, which every document has');
  return {
    collection,
    document,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
  };
}

function jsonSchemaOf(all: Schema, collection: string): PlainObject | undefined {
  const found = find(all, 'validator', { collection });
  if (!found) return undefined;
  const { $jsonSchema: schema, ...others } = found.validator;
  const [operator] = Object.keys(others);
  if (operator !== undefined) throw new UnknownConstruct(collection, operator, 'only $jsonSchema is known');
  if (!isPlainObject(schema)) throw new UnknownConstruct(collection, 'bsonType', 'a document is an object');
  return schema;
}

/**
 * Does what writes a language, and says for a person what cannot be told in it.
 * @param what what cannot be generated: `model in Python`
 * @throws error with code `MODELS` that names the collection, the place and the keyword
 */
export function refusingUnknown<T>(what: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof UnknownConstruct)) throw error;
    const { place, keyword, reason } = error;
    const collection = /^[^.[]*/.exec(place)?.[0] ?? place;
    throw new SchemaError('MODELS', `No ${what} can be generated for ${collection}`, {
      why: `${place} has ${keyword}: ${reason}`,
      fix: 'write the validator with what the generator knows, or teach src/review/export and each language in it the construct',
      about: { kind: 'validator', collection },
    });
  }
}
