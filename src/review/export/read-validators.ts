import { find, isPlainObject, type PlainObject, type Schema } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import { readValue, UnknownConstruct } from './read-value';
import type { CollectionShape } from './shapes';

/**
 * Calls `write` for each collection with a validator, in the order of the collections' names.
 * @param what the kind of output, for the error message: `model in Python`
 * @throws error with code `MODELS` for a construct that no export supports, or that the language cannot express. The error names the
 *   collection, the place and the keyword
 */
export function ofEachValidator<T>(schema: Schema, what: string, write: (shape: CollectionShape) => T): T[] {
  return Object.keys(schema)
    .sort()
    .flatMap((collection) => {
      try {
        const validator = jsonSchemaOf(schema, collection);
        return validator ? [write(readCollection(collection, validator))] : [];
      } catch (error) {
        throw error instanceof UnknownConstruct ? refusal(what, collection, error) : error;
      }
    });
}

function readCollection(collection: string, validator: PlainObject): CollectionShape {
  const { types, title, description } = readValue(collection, validator);
  const [document, ...others] = types === 'any' ? [] : types;
  if (document?.type !== 'object' || others.length > 0)
    throw new UnknownConstruct(collection, 'bsonType', 'a document must be an object');
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
  if (operator !== undefined) throw new UnknownConstruct(collection, operator, 'only $jsonSchema is supported');
  if (!isPlainObject(schema)) throw new UnknownConstruct(collection, 'bsonType', 'a document must be an object');
  return schema;
}

function refusal(what: string, collection: string, { place, keyword, reason }: UnknownConstruct): SchemaError {
  return new SchemaError('MODELS', `No ${what} can be generated for ${collection}`, {
    why: `${place} has ${keyword}: ${reason}`,
    fix: 'write the validator with supported constructs, or add the construct to src/review/export and each language in it',
    about: { kind: 'validator', collection },
  });
}
