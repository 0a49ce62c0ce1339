import type { Schema } from '../../schema';
import { mark } from './mark';
import { ofEachValidator } from './read-validators';
import {
  idOf,
  isAnyObject,
  isIdOptional,
  type CollectionShape,
  type ObjectShape,
  type TypeShape,
  type ValueShape,
} from './shapes';
import { TypeNames } from './type-names';

/** The names that the generated file imports, declares, or uses as globals. */
const taken = ['ObjectId', 'Decimal128', 'Double', 'Long', 'Date', 'Record', 'Omit', 'StoredDocuments', 'NewDocuments'];

/**
 * Returns a module with the types of the documents, as the driver reads and stores them. The module contains only types.
 * @param typeName returns the name of the type of a document: `users` → `User`
 * @throws error with code `MODELS` for a validator with a construct that has no type
 */
export function typeScriptTypes(schema: Schema, typeName: (collection: string) => string): string {
  const names = new TypeNames(taken);
  const types: string[] = [];
  const imports = new Set<string>();
  const collections = ofEachValidator(schema, 'type in TypeScript', (shape) => {
    const root = names.nameFor(typeName(shape.collection));
    const fresh = names.nameFor(`New${root}`);
    writeCollection(shape, fresh, { collection: shape.collection, root, names, types, imports });
    return { collection: shape.collection, stored: root, fresh };
  });
  const table = (name: string, about: string, pick: 'stored' | 'fresh') => {
    const lines = collections.map((one) => `  ${property(one.collection)}: ${one[pick]};\n`);
    return `${note(about)}\nexport interface ${name} {\n${lines.join('')}}`;
  };
  return [
    `// ${mark}`,
    ...(imports.size > 0 ? [`import type { ${[...imports].sort().join(', ')} } from 'mongodb';`] : []),
    ...types,
    table('StoredDocuments', 'Collection → its documents, as stored.', 'stored'),
    `${table('NewDocuments', 'Collection → what may be inserted into it.', 'fresh')}\n`,
  ].join('\n\n');
}

interface Writing {
  readonly collection: string;
  /** The name of the type of the documents. Names of inner types begin with it. */
  readonly root: string;
  readonly names: TypeNames;
  /** Each type is added to this list. A type comes after the types that it uses. */
  readonly types: string[];
  /** The names that the types import from the driver are added to this set. */
  readonly imports: Set<string>;
}

function writeCollection(shape: CollectionShape, fresh: string, writing: Writing): void {
  const { collection, title, description, document } = shape;
  const { root, types } = writing;
  const id = idOf(shape) ?? { place: `${collection}._id`, types: 'any' };
  const others = document.fields.filter(({ name }) => name !== '_id');
  // The field is required, because the server makes sure that each stored document has an _id.
  const fields = [{ name: '_id', isRequired: true, value: id }, ...others];
  writeInterface(
    root,
    { ...document, fields },
    writing,
    description ?? title ?? `A document of ${collection}, as stored.`,
  );
  const isOptional = isIdOptional(shape);
  const about = `A document to insert into ${collection}${isOptional ? ': the driver makes an _id where there is none' : ''}.`;
  const type = isOptional ? `Omit<${root}, '_id'> & { _id?: ${root}['_id'] }` : root;
  types.push(`${note(about)}\nexport type ${fresh} = ${type};`);
}

function writeInterface(name: string, { fields }: ObjectShape, writing: Writing, about?: string): void {
  const lines = fields.flatMap(({ name: field, isRequired, value }) => [
    ...(value.description === undefined ? [] : [`  ${note(value.description)}`]),
    `  ${property(field)}${isRequired ? '' : '?'}: ${valueType(value, writing)};`,
  ]);
  writing.types.push(
    `${about === undefined ? '' : `${note(about)}\n`}export interface ${name} {\n${lines.join('\n')}\n}`,
  );
}

function valueType({ types }: ValueShape, writing: Writing): string {
  if (types === 'any') return 'unknown';
  return [...new Set(types.flatMap((type) => typesOf(type, writing)))].join(' | ');
}

function typesOf(shape: TypeShape, writing: Writing): string[] {
  const ofDriver = (name: string) => {
    writing.imports.add(name);
    return name;
  };
  switch (shape.type) {
    case 'objectId':
      return [ofDriver('ObjectId')];
    case 'date':
      return ['Date'];
    case 'bool':
      return ['boolean'];
    case 'null':
      return ['null'];
    case 'string':
      return shape.choices ? shape.choices.map(literal) : ['string'];
    // The type of the values that the driver reads, and the class that stores a number as this BSON type.
    case 'number':
      return shape.isWithoutDecimals ? ['number'] : ['number', ofDriver('Decimal128')];
    case 'int':
      return ['number'];
    case 'long':
      return ['number', ofDriver('Long')];
    case 'double':
      return ['number', ofDriver('Double')];
    case 'array': {
      const item = valueType(shape.items, writing);
      return [item.includes(' | ') ? `(${item})[]` : `${item}[]`];
    }
    case 'object':
      return [objectType(shape, writing)];
  }
}

function objectType(shape: ObjectShape, writing: Writing): string {
  if (isAnyObject(shape)) return 'Record<string, unknown>';
  if (shape.fields.length === 0) return 'Record<string, never>';
  const path = shape.place.slice(writing.collection.length).replaceAll('[]', '_item');
  const name = writing.names.nameFor(writing.root, path);
  writeInterface(name, shape, writing);
  return name;
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

function literal(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function note(text: string): string {
  return `/** ${text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ').trim()} */`;
}
