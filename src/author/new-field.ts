import { bsonTypeProblem, find, isPlainObject, type PlainObject, type Schema } from '../schema';
import { literal, propertyName } from '../review/lint/literal';
import { nearest } from '../support/nearest';
import { SchemaError } from '../support/schema-error';
import { splitAtEquals } from './arguments';
import type { Planned } from './planned';
import type { Targets } from './targets';
import { access, changeOfValidator, propertyIn, validatorOf } from './validator-text';

const option = '--field';

/** These bounds exclude NaN and the infinities, which mongod accepts as numbers. */
const bounds = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** The types that a new field may have, each with its first rules. The models in other languages support all of them. */
const rulesOf: Readonly<Record<string, PlainObject>> = {
  string: { bsonType: 'string' },
  objectId: { bsonType: 'objectId' },
  date: { bsonType: 'date' },
  bool: { bsonType: 'bool' },
  int: { bsonType: 'int' },
  long: { bsonType: 'long' },
  double: { bsonType: 'double', ...bounds },
  number: { bsonType: 'number', ...bounds, not: { bsonType: 'decimal' } },
  array: { bsonType: 'array' },
  object: { bsonType: 'object' },
};

/** Plans a migration that adds an optional field to a validator. Existing documents do not change. */
export function fieldFrames(text: string, targets: Targets, schema: Schema): Planned[] {
  const example = 'COLLECTION.FIELD=TYPE, such as results.language=string';
  const [place, type] = splitAtEquals(option, text, example);
  // The field is new, so no migration needs to mention it yet.
  const { collection, fields } = targets.readKey(option, place, { undeclared: true });
  const path = place.slice(collection.length + 1);
  const parents = path.split('.');
  const name = parents.pop() ?? '';
  if (fields.length > 1) {
    throw new SchemaError('USAGE', `${option} is for one field, but ${place} names ${fields.length}`, {
      fix: 'write one migration for each',
    });
  }
  if ([...parents, name].some((one) => !/^[^$:\s][^:\s]*$/.test(one))) {
    throw new SchemaError(
      'USAGE',
      `${path} is not a valid name for a new field of ${collection}, so nothing was written`,
      {
        fix: `write ${option} ${example}`,
      },
    );
  }
  const rules = readType(type);
  const jsonSchema = validatorOf(option, schema, collection);
  const parent = parentAt(jsonSchema, collection, parents);
  if (propertyIn(parent, name)) {
    throw new SchemaError('USAGE', `${collection} already has the field ${path}, so nothing was written`, {
      why: 'the validator of the collection lists this field',
      fix: `choose another name; to make the field required, use --require ${collection}.${path}; to change its rules, write changeValidator by hand: \`new NAME\` makes the file`,
    });
  }
  const validator = find(schema, 'validator', { collection });
  if (!validator) return [];
  const listed = isPlainObject(parent['properties']) ? parent['properties'] : undefined;
  const change = changeOfValidator(collection, validator, {
    path: parents,
    edit: (one) => ({ ...one, properties: { ...listed, [name]: rules } }),
    text: (was) => {
      const others = listed ? [`...${access(was, 'properties')}`] : [];
      return `properties: { ${[...others, `${propertyName(name)}: ${literal(rules)}`].join(', ')} }`;
    },
  });
  // If no document can have the field yet, none can violate its rules, so the warning of lint is suppressed. Otherwise, lint warns.
  const isNew = !targets.mayHave(collection, path);
  return [
    {
      frame: {
        verbs: ['changeValidator', ...(isNew ? ['suppress'] : [])],
        why: `Documents of ${collection} may have ${path}.`,
        head: [change.head],
        steps: [
          isNew ? `suppress('SM003', 'the field is new, so no document has it yet', ${change.step})` : change.step,
        ],
      },
      steps: [change.made],
      changesFieldsOf: collection,
      ...('minimum' in rules && { fillIn: `the bounds of ${path}` }),
    },
  ];
}

function readType(type: string): PlainObject {
  if (Object.hasOwn(rulesOf, type)) return rulesOf[type] ?? {};
  throw new SchemaError('USAGE', `${type} is not a type for ${option}, so nothing was written`, {
    why: bsonTypeProblem(type) ?? 'models in other languages cannot express this type',
    fix: `write one of ${Object.keys(rulesOf).join(', ')}`,
  });
}

/** Returns the schema of the object that gets the field. */
function parentAt(jsonSchema: PlainObject, collection: string, parents: readonly string[]): PlainObject {
  return parents.reduce((one: PlainObject, name, depth) => {
    const path = parents.slice(0, depth + 1).join('.');
    const inner = propertyIn(one, name);
    if (inner === undefined) {
      const siblings = isPlainObject(one['properties']) ? Object.keys(one['properties']) : [];
      const before = parents.slice(0, depth).map((parent) => `${parent}.`);
      const near = nearest(name, siblings);
      throw new SchemaError(
        'USAGE',
        `${collection} has no object ${path}${near === undefined ? '' : `; did you mean \`${before.join('')}${near}\`?`}`,
        {
          why: 'the validator does not list this field',
          fix: `correct the path after ${option}, or add the object first: \`new NAME ${option} ${collection}.${path}=object\``,
        },
      );
    }
    const types: readonly unknown[] = [inner['bsonType'] ?? []].flat();
    if (types.includes('object')) return inner;
    throw new SchemaError('USAGE', `${path} of ${collection} is not an object, so nothing was written`, {
      why:
        types.length === 0
          ? 'the validator declares no type for this field'
          : `the type of this field in the validator is ${types.map(String).join(' or ')}`,
      fix: 'correct the path; for a field inside an array, write the migration by hand: `new NAME` makes its file',
    });
  }, jsonSchema);
}
