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
  /** Names along the way to the object that it is in. */
  readonly parents: readonly string[];
  readonly validator: Validator;
  /** The schema of the object that it is in, and its own. */
  readonly parent: PlainObject;
  readonly rules: PlainObject;
}

function readField(option: string, text: string, targets: Targets, schema: Schema): ListedField {
  const { collection, fields } = targets.readKey(option, text);
  const [{ path } = { path: '' }] = fields;
  if (fields.length > 1) {
    throw new SchemaError('USAGE', `${option} is for one field, and ${text} names ${fields.length}`, {
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
    fix: `list it first, with changeValidator; a field inside an array takes a migration by hand: \`new NAME\``,
  });
}

function requiredIn({ required = [] }: PlainObject): readonly string[] {
  return required as readonly string[];
}

/** The values move; then the validator lists the new name with the rules of the old one. */
export function renameFrames(text: string, targets: Targets, schema: Schema): Planned[] {
  const option = '--rename';
  const [before, next] = splitAtEquals(option, text, 'COLLECTION.FIELD=NAME, where NAME is the new one alone');
  const field = readField(option, before, targets, schema);
  const { collection, path, name, parents, validator, parent, rules } = field;
  const target = [...parents, next].join('.');
  const refuse = (why: string, fix: string) =>
    new SchemaError('USAGE', `${path} of ${collection} cannot be renamed to ${target} in one migration`, { why, fix });
  if (next.includes('.') || next.startsWith('$'))
    throw refuse(
      'behind = stands a name, and no path',
      `write ${option} ${before}=NAME; renameField by hand moves one elsewhere`,
    );
  if (propertyIn(parent, next)) throw refuse(`the validator lists ${target} already`, 'choose another name');
  if (requiredIn(parent).includes(name)) {
    throw refuse(
      'it is required, so no document could go without the old name before all have the new one',
      'take it out of `required` with changeValidator in an earlier release; a later one requires the new name: `new NAME --require`',
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
        why: `What was ${path} is called ${target}: an application that writes the new name alone, and reads both, is deployed before.`,
        steps: [`renameField(${literal(collection)}, ${literal(path)}, ${literal(target)})`],
      },
      steps: [renameField(collection, path, target)],
    },
    {
      frame: {
        verbs: ['changeValidator'],
        why: `The validator of ${collection} knows ${path} as ${target}.`,
        head: [change.head, others],
        steps: [change.step],
      },
      steps: [change.made],
      changesFieldsOf: collection,
    },
  ];
}

/** Documents that lack the field get it in a migration before, so that the validator finds none. */
export function requireFrames(text: string, targets: Targets, schema: Schema): Planned[] {
  const option = '--require';
  const field = readField(option, text, targets, schema);
  const { collection, path, name, parents, validator, parent, rules } = field;
  if (requiredIn(parent).includes(name)) {
    throw new SchemaError('USAGE', `${path} of ${collection} is required already, so nothing was written`);
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
    // Of a document without the object that the field is in, nothing is required.
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
        why: `Documents of ${collection} from before ${path} was required get a value, and keep it when this goes down.`,
        steps: [`backfill(${literal(collection)}, ${literal(fill)})`],
      },
      steps: [backfill(collection, fill)],
      fillIn: 'the value that they get',
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

/** A value that comes near what a field takes; a person chooses the right one. */
function valueFor({ enum: allowed, bsonType, minimum }: PlainObject): Plain {
  if (Array.isArray(allowed)) return (allowed as readonly Plain[])[0] ?? null;
  if (typeof minimum === 'number') return minimum;
  return (typeof bsonType === 'string' ? values[bsonType] : undefined) ?? null;
}
