import { backfill, renameField } from '../migration';
import { find, type Plain, type PlainObject, type Schema, type Validator } from '../schema';
import { literal } from '../review/lint/literal';
import { SchemaError } from '../support/schema-error';
import { splitAtEquals } from './arguments';
import type { Planned } from './planned';
import type { Targets } from './targets';
import { access, changeOfValidator, objectAt, oldSchema, propertyIn, validatorOf } from './validator-text';

/** A field that a validator lists. */
interface ListedField {
  readonly collection: string;
  readonly path: string;
  readonly name: string;
  /** The names on the path to the enclosing object. */
  readonly parents: readonly string[];
  readonly validator: Validator;
  /** The schema of the enclosing object, and the schema of the field. */
  readonly parent: PlainObject;
  readonly rules: PlainObject;
}

function readField(option: string, text: string, targets: Targets, schema: Schema): ListedField {
  const { collection, fields } = targets.readKey(option, text);
  const [{ path } = { path: '' }] = fields;
  if (fields.length > 1) {
    throw new SchemaError('USAGE', `${option} is for one field, but ${text} names ${fields.length}`, {
      fix: 'write one migration for each',
    });
  }
  const jsonSchema = validatorOf(option, schema, collection);
  const parents = path.split('.');
  const name = parents.pop() ?? '';
  const parent = objectAt(jsonSchema, parents);
  const rules = propertyIn(parent, name);
  const validator = find(schema, 'validator', { collection });
  if (parent && rules && validator) return { collection, path, name, parents, validator, parent, rules };
  throw new SchemaError('USAGE', `The validator of ${collection} does not list ${path}, so nothing was written`, {
    fix: `first declare the field in the validator, with changeValidator; for a field inside an array, write a migration by hand: \`new NAME\``,
  });
}

function requiredIn({ required = [] }: PlainObject): readonly string[] {
  return required as readonly string[];
}

/** Plans two migrations: one moves the values, one declares the new name in the validator with the rules of the old name. */
export function renameFrames(text: string, targets: Targets, schema: Schema): Planned[] {
  const option = '--rename';
  const [before, next] = splitAtEquals(
    option,
    text,
    'COLLECTION.FIELD=NAME, where NAME is only the new name, without a path',
  );
  const field = readField(option, before, targets, schema);
  const { collection, path, name, parents, validator, parent, rules } = field;
  const target = [...parents, next].join('.');
  const refuse = (why: string, fix: string) =>
    new SchemaError('USAGE', `${path} of ${collection} cannot be renamed to ${target} in one migration`, { why, fix });
  if (next.includes('.') || next.startsWith('$'))
    throw refuse(
      'the part after = is a name, not a path',
      `write ${option} ${before}=NAME; to move a field elsewhere, write renameField by hand`,
    );
  if (propertyIn(parent, next)) throw refuse(`the validator already lists ${target}`, 'choose another name');
  if (requiredIn(parent).includes(name)) {
    throw refuse(
      'the field is required, so the server would refuse documents that do not have the new name yet',
      'first remove the field from `required` with changeValidator, in an earlier release; require the new name in a later release: `new NAME --require`',
    );
  }
  const change = changeOfValidator(collection, validator, {
    path: parents,
    edit: (one) => {
      const { [name]: _old, ...others } = one['properties'] as PlainObject;
      return { ...one, properties: { ...others, [next]: rules } };
    },
    text: () => `properties: { ...others, ${literal(next)}: renamed }`,
  });
  const owner = parents.reduce((one, parent) => access(`${one}.properties`, parent), oldSchema);
  const others = `const { ${literal(name)}: renamed, ...others } = ${owner}.properties;`;
  return [
    {
      suffix: '-values',
      frame: {
        verbs: ['renameField'],
        why: `Renames ${path} to ${target}. Before this migration, deploy an application that writes only the new name and reads both names.`,
        steps: [`renameField(${literal(collection)}, ${literal(path)}, ${literal(target)})`],
      },
      steps: [renameField(collection, path, target)],
    },
    {
      frame: {
        verbs: ['changeValidator'],
        why: `The validator of ${collection} lists ${path} as ${target}.`,
        head: [change.head, others],
        steps: [change.step],
      },
      steps: [change.made],
      changesFieldsOf: collection,
    },
  ];
}

/** Plans two migrations: one fills in the field where it is missing, one makes it required. */
export function requireFrames(text: string, targets: Targets, schema: Schema): Planned[] {
  const option = '--require';
  const field = readField(option, text, targets, schema);
  const { collection, path, name, parents, validator, parent, rules } = field;
  if (requiredIn(parent).includes(name)) {
    throw new SchemaError('USAGE', `${path} of ${collection} is already required, so nothing was written`);
  }
  const change = changeOfValidator(collection, validator, {
    path: parents,
    edit: (one) => ({ ...one, required: [...requiredIn(one), name] }),
    text: (was) => {
      const known = requiredIn(parent).length === 0 ? [] : [`...${was}.required`];
      return `required: [${[...known, literal(name)].join(', ')}]`;
    },
  });
  const fill = {
    // Fill in only documents with the enclosing object: without this object, the validator does not require the field.
    filter: {
      ...(parents.length > 0 && { [parents.join('.')]: { $type: 'object' } }),
      [path]: { $exists: false },
    },
    update: { $set: { [path]: valueFor(rules) } },
  };
  return [
    {
      suffix: '-fill',
      frame: {
        verbs: ['backfill'],
        why: `Fills in ${path} in documents of ${collection} that lack this field. The documents keep the value after a rollback.`,
        steps: [`backfill(${literal(collection)}, ${literal(fill)})`],
      },
      steps: [backfill(collection, fill)],
      fillIn: 'the value for these documents',
    },
    {
      frame: {
        verbs: ['changeValidator'],
        why: `Every document of ${collection} has ${path}.`,
        head: [change.head],
        steps: [change.step],
      },
      steps: [change.made],
      changesFieldsOf: collection,
    },
  ];
}

const values: Readonly<Record<string, Plain>> = {
  string: 'unknown',
  bool: false,
  object: {},
  array: [],
  number: 0,
  int: 0,
};

/** Returns a placeholder value that roughly matches the rules of the field. A person then chooses the right value. */
function valueFor({ enum: allowed, bsonType, minimum }: PlainObject): Plain {
  if (Array.isArray(allowed)) return (allowed as readonly Plain[])[0] ?? null;
  if (typeof minimum === 'number') return minimum;
  return (typeof bsonType === 'string' ? values[bsonType] : undefined) ?? null;
}
