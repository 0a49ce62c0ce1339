import type { Migration } from '../../migration';
import type { Schema } from '../../schema';
import { mark } from '../export/mark';
import { TypeNames } from '../export/type-names';
import { ofEachValidator } from '../export/read-validators';
import { idOf, type CollectionShape, type FieldShape, type ObjectShape } from '../export/shapes';
import { fieldNames, taken } from './names';
import { literal, pythonType } from './types';

/**
 * Returns a module with a Pydantic model for each collection with a validator. The model accepts the same documents as the validator.
 * @param typeName returns the name of the class for a document of a collection: `users` → `User`
 * @throws error with code `MODELS` for a validator with a construct that Python types cannot express
 */
export function pythonModels(
  { schema, migrations }: { readonly schema: Schema; readonly migrations: readonly Pick<Migration, 'name'>[] },
  typeName: (collection: string) => string,
): string {
  const names = new TypeNames(taken);
  const classes: string[] = [];
  const models = ofEachValidator(schema, 'model in Python', (shape) => {
    const name = names.nameFor(typeName(shape.collection));
    return { collection: shape.collection, ...writeCollection({ shape, name, names, classes }) };
  });
  const table = (constant: string, pick: 'stored' | 'fresh', about: string) => `\
${constant}: Final[Mapping[str, type[Document]]] = {
${models.map((model) => `    ${literal(model.collection)}: ${model[pick]},`).join('\n')}
}
"""${about}"""`;
  const body = [
    ...classes,
    table('MODELS', 'stored', 'Collection → its documents, as stored.'),
    table('NEW_MODELS', 'fresh', 'Collection → its documents to insert: as stored, with or without an `_id`.'),
    `MIGRATIONS: Final = (${migrations.map((one) => `\n    ${literal(one.name)},`).join('')}\n)
"""The names of the migrations that lead there, oldest first."""`,
  ].join('\n\n\n');
  return `${head(body)}\n\n\n${body}\n`;
}

interface Writing {
  readonly shape: CollectionShape;
  readonly name: string;
  readonly names: TypeNames;
  /** Each class is added to this list. A class comes after the classes that it uses. */
  readonly classes: string[];
}

/** Writes the classes of a collection: one for its fields, one with the `_id` of stored documents, and one for new documents. */
function writeCollection({ shape, name, names, classes }: Writing): { stored: string; fresh: string } {
  const { collection, document } = shape;
  const pathOf = (place: string) => place.slice(collection.length).replaceAll('[]', '_item');
  const writeClass = (object: ObjectShape, own = names.nameFor(name, pathOf(object.place))): string => {
    const fields = fieldsOf(object.fields, (inner) => writeClass(inner));
    classes.push(classText(own, object.isOpen ? 'Document' : 'ClosedDocument', object.place, fields));
    return own;
  };
  const id = idOf(shape);
  const type = id ? pythonType(id, writeClass) : 'Any';
  const withoutId = { ...document, fields: document.fields.filter((field) => field.name !== '_id') };
  const base = writeClass(withoutId, names.nameFor(`${name}Fields`));
  classes.push(classText(name, base, `${collection}, as stored`, [`id: ${type} = Field(alias="_id")`]));
  const fresh = names.nameFor(`New${name}`);
  const fields = [`id: ${type} | MISSING = Field(default=MISSING, alias="_id")`];
  classes.push(classText(fresh, base, `${collection}, to insert: the driver adds an _id if it is missing`, fields));
  return { stored: name, fresh };
}

function classText(name: string, base: string, about: string, fields: readonly string[]): string {
  const lines = [`class ${name}(${base}):`, `    """${about}"""`];
  return [...lines, ...(fields.length > 0 ? ['', ...fields.map((field) => `    ${field}`)] : [])].join('\n');
}

function fieldsOf(fields: readonly FieldShape[], writeClass: (shape: ObjectShape) => string): string[] {
  const names = fieldNames(fields.map(({ name }) => name));
  return fields.map(({ name: field, isRequired, value }) => {
    const name = names.get(field) ?? field;
    const type = pythonType(value, writeClass);
    const { description } = value;
    const options = [
      ...(name === field ? [] : [`alias=${literal(field)}`]),
      ...(description === undefined ? [] : [`description=${literal(description)}`]),
    ];
    if (options.length === 0) return isRequired ? `${name}: ${type}` : `${name}: ${type} | MISSING = MISSING`;
    return isRequired
      ? `${name}: ${type} = Field(${options.join(', ')})`
      : `${name}: ${type} | MISSING = Field(${['default=MISSING', ...options].join(', ')})`;
  });
}

/** Imports only what is used, because strict type checkers refuse unused imports. */
function head(body: string): string {
  const used = (...names: string[]) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(body)).join(', ');
  const from = (module: string, ...names: string[]) =>
    used(...names) === '' ? [] : [`from ${module} import ${used(...names)}`];
  return [
    '"""A model for each collection. It accepts the same documents as the validator.',
    '',
    mark,
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
