import fc from 'fast-check';
import { Double, Long, ObjectId } from 'mongodb';
import type { JsonSchema } from './json-schema';

/**
 * Documents that a validator accepts. `complete` ones lack nothing that the validator names, so that every place can be
 * altered; the others have any selection of the optional fields.
 */
export function validDocuments(schema: JsonSchema, complete: boolean): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (typeof schema.bsonType !== 'string') {
    return fc.oneof(...schema.bsonType.map((bsonType) => validDocuments({ ...schema, bsonType }, complete)));
  }
  switch (schema.bsonType) {
    case 'objectId':
      return fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes));
    case 'date':
      // One that only a few languages have would hide what else a complete document is altered in.
      return fc.date({
        noInvalidDate: true,
        ...(complete && { min: new Date('0001-01-02'), max: new Date('9999-12-30') }),
      });
    case 'bool':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return strings(schema);
    case 'number':
      return numbers(schema);
    case 'int':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    case 'long':
      return fc
        .integer({ min: schema.minimum ?? -1e12, max: schema.maximum ?? 1e12 })
        .map((value) => Long.fromNumber(value));
    case 'double':
      return fc
        .double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true })
        .map((value) => new Double(value));
    case 'array':
      return arrays(schema, complete);
    case 'object':
      return objects(schema, complete);
    default:
      throw new Error(`no documents are made for bsonType ${schema.bsonType} yet`);
  }
}

function strings({ pattern, minLength = 0, maxLength = Infinity }: JsonSchema): fc.Arbitrary<string> {
  // One unit of `binary` is any one code point, and code points are what the server counts.
  if (pattern === undefined) return fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 60) });
  // fast-check knows no lookahead; its `$` is the very end anyway.
  return fc
    .stringMatching(new RegExp(pattern.replace('(?!\\n)', '')))
    .filter((value) => value.length >= minLength && value.length <= maxLength);
}

function numbers({ minimum: min, maximum: max, multipleOf }: JsonSchema): fc.Arbitrary<number> {
  if (min === undefined || max === undefined) throw new Error('a number without bounds would let infinity in');
  return multipleOf === 1 ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
}

function arrays({ items, minItems = 0, maxItems = Infinity, uniqueItems }: JsonSchema, complete: boolean) {
  if (!items) throw new Error('an array without a rule for its items');
  const bounds = { minLength: complete ? Math.max(minItems, 1) : minItems, maxLength: Math.min(maxItems, 5) };
  const item = validDocuments(items, complete);
  return uniqueItems ? fc.uniqueArray(item, bounds) : fc.array(item, bounds);
}

function objects({ properties, required = [] }: JsonSchema, complete: boolean): fc.Arbitrary<object> {
  if (!properties) {
    const value = fc.oneof(fc.string(), fc.integer());
    return fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), value, { noNullPrototype: true });
  }
  const fields = Object.entries(properties).map(([name, part]) => [name, validDocuments(part, complete)] as const);
  return fc.record(Object.fromEntries(fields), {
    noNullPrototype: true,
    ...(!complete && { requiredKeys: [...required] }),
  });
}
