import type { Migration } from '../../migration';
import { find, isPlainObject, type PlainObject, type Schema } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import { ClassNames, fieldNames } from './names';
import { literal, pythonType, typesOf, UnknownConstruct } from './types';

/** What a product tells of its models in Python. */
export interface PythonModels {
  /** The file, from the folder of the project. */
  readonly file: string;
  /** What a class is called that holds one document of a collection: `users` → `User`. */
  readonly className: (collection: string) => string;
}

/**
 * The module with a Pydantic model for each collection that has a validator: what the validator takes, the model takes.
 * @throws error with code `MODELS` for a validator with a construct that no type in Python is known for
 */
export function pythonModels(
  { schema, migrations }: { readonly schema: Schema; readonly migrations: readonly Pick<Migration, 'name'>[] },
  { className }: Pick<PythonModels, 'className'>,
): string {
  const names = new ClassNames();
  const classes: string[] = [];
  const models = Object.keys(schema)
    .sort()
    .flatMap((collection) => {
      const validator = jsonSchemaOf(schema, collection);
      if (!validator) return [];
      const name = names.nameFor(className(collection));
      try {
        return [{ collection, ...writeCollection({ collection, name, validator, names, classes }) }];
      } catch (error) {
        throw error instanceof UnknownConstruct ? refusal(collection, error) : error;
      }
    });
  const table = (constant: string, pick: 'stored' | 'fresh', about: string) => `\
${constant}: Final[Mapping[str, type[Document]]] = {
${models.map((model) => `    ${literal(model.collection)}: ${model[pick]},`).join('\n')}
}
"""${about}"""`;
  const body = [
    ...classes,
    table('MODELS', 'stored', 'Collection → its documents, as stored.'),
    table('NEW_MODELS', 'fresh', 'Collection → what may be inserted into it: as stored, with or without an `_id`.'),
    `MIGRATIONS: Final = (${migrations.map((one) => `\n    ${literal(one.name)},`).join('')}\n)
"""The names of the migrations that lead there, oldest first."""`,
  ].join('\n\n\n');
  return `${head(body)}\n\n\n${body}\n`;
}

interface Writing {
  readonly collection: string;
  readonly name: string;
  readonly validator: PlainObject;
  readonly names: ClassNames;
  /** Grows by each class, those that others name first. */
  readonly classes: string[];
}

/** Writes the classes of a collection: its fields, then both with an `_id`, which is there in all that is stored. */
function writeCollection({ collection, name, validator, names, classes }: Writing): { stored: string; fresh: string } {
  typesOf(collection, validator);
  if (validator['additionalProperties'] === false && !Object.hasOwn((validator['properties'] ?? {}) as object, '_id'))
    throw new UnknownConstruct(collection, 'additionalProperties', 'it refuses the _id, which every document has');
  const pathOf = (place: string) => place.slice(collection.length).replaceAll('[]', '_item');
  const writeClass = (place: string, schema: PlainObject, own = names.nameFor(name, pathOf(place))): string => {
    const fields = fieldsOf(place, schema, (inner, part) => writeClass(inner, part));
    classes.push(
      classText(own, schema['additionalProperties'] === false ? 'ClosedDocument' : 'Document', place, fields),
    );
    return own;
  };
  const { properties = {}, required = [] } = validator;
  const { _id: id = {}, ...others } = properties as PlainObject;
  const type = pythonType(`${collection}._id`, id, writeClass);
  const withoutId = {
    ...validator,
    properties: others,
    required: [required].flat().filter((field) => field !== '_id'),
  };
  const base = writeClass(collection, withoutId, names.nameFor(`${name}Fields`));
  classes.push(classText(name, base, `${collection}, as stored`, [`id: ${type} = Field(alias="_id")`]));
  const fresh = names.nameFor(`New${name}`);
  const fields = [`id: ${type} | MISSING = Field(default=MISSING, alias="_id")`];
  classes.push(classText(fresh, base, `${collection}, to insert: the driver makes an _id where there is none`, fields));
  return { stored: name, fresh };
}

function classText(name: string, base: string, about: string, fields: readonly string[]): string {
  const lines = [`class ${name}(${base}):`, `    """${about}"""`];
  return [...lines, ...(fields.length > 0 ? ['', ...fields.map((field) => `    ${field}`)] : [])].join('\n');
}

function fieldsOf(
  place: string,
  schema: PlainObject,
  writeClass: (place: string, schema: PlainObject) => string,
): string[] {
  const { properties = {}, required = [] } = schema;
  const needed = [required].flat().map(String);
  // A field that is required, and has no rule, takes any value.
  const unruled = needed.filter((field) => !Object.hasOwn(properties as object, field));
  const all: PlainObject = {
    ...(properties as PlainObject),
    ...Object.fromEntries(unruled.map((field) => [field, {}])),
  };
  const names = fieldNames(Object.keys(all));
  return Object.entries(all).map(([field, part]) => {
    const name = names.get(field) ?? field;
    const type = pythonType(`${place}.${field}`, part, writeClass);
    const isNeeded = needed.includes(field);
    const description = isPlainObject(part) ? part['description'] : undefined;
    const options = [
      ...(name === field ? [] : [`alias=${literal(field)}`]),
      ...(typeof description === 'string' ? [`description=${literal(description)}`] : []),
    ];
    if (options.length === 0) return isNeeded ? `${name}: ${type}` : `${name}: ${type} | MISSING = MISSING`;
    return isNeeded
      ? `${name}: ${type} = Field(${options.join(', ')})`
      : `${name}: ${type} | MISSING = Field(${['default=MISSING', ...options].join(', ')})`;
  });
}

/** Imports nothing that it does not use: strict type checkers refuse that. */
function head(body: string): string {
  const used = (...names: string[]) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(body)).join(', ');
  const from = (module: string, ...names: string[]) =>
    used(...names) === '' ? [] : [`from ${module} import ${used(...names)}`];
  return [
    '"""The documents of each collection, as its validator takes them.',
    '',
    'Generated by `npm run snapshot` from the migrations: never write here.',
    '"""',
    '',
    'from collections.abc import Mapping',
    ...from('typing', 'Annotated', 'Any', 'Final', 'Literal'),
    '',
    ...from('pydantic', 'MISSING', 'Field'),
    '',
    'from . import values as _v',
    ...from('.documents', 'ClosedDocument', 'Document'),
  ].join('\n');
}

function jsonSchemaOf(all: Schema, collection: string): PlainObject | undefined {
  const found = find(all, 'validator', { collection });
  if (!found) return undefined;
  const { $jsonSchema: schema, ...others } = found.validator;
  const [operator] = Object.keys(others);
  if (operator !== undefined)
    throw refusal(collection, new UnknownConstruct(collection, operator, 'only $jsonSchema is known'));
  if (!isPlainObject(schema) || schema['bsonType'] !== 'object')
    throw refusal(collection, new UnknownConstruct(collection, 'bsonType', 'a document is an object'));
  return schema;
}

function refusal(collection: string, { place, keyword, reason }: UnknownConstruct): SchemaError {
  return new SchemaError('MODELS', `No model in Python can be generated for ${collection}`, {
    why: `${place} has ${keyword}: ${reason}`,
    fix: 'write the validator with what the generator knows, or teach src/review/python and its runtime the construct',
    about: { kind: 'validator', collection },
  });
}
