import { entries, entriesIn, find, type Schema } from '../../schema';
import { fieldsOf, type Field } from '../explain';

/** A reference between documents. References come from the project's configuration, because no server knows them. */
export interface Relation {
  /** The path of a field: `projects.user_id`. */
  readonly from: string;
  readonly to: string;
}

/** Returns a mermaid diagram of the collections, their keys and the references between them. */
export function erDiagram(schema: Schema, relations: readonly Relation[]): string[] {
  const names = entries(schema, 'collection').map(({ place }) => place.collection);
  const drawn = relations
    .map(({ from, to }) => ({
      collection: from.slice(0, from.indexOf('.')),
      path: from.slice(from.indexOf('.') + 1),
      to,
    }))
    .filter(({ collection, to }) => names.includes(collection) && names.includes(to));
  return [
    '```mermaid',
    'erDiagram',
    ...names.flatMap((name) => entity(name, schema, drawn)),
    ...drawn.map(({ collection, path, to }) => {
      const field = fieldsOf(find(schema, 'validator', { collection })).find((one) => one.path === path);
      return `  ${identifier(to)} ${cardinality(field, uniqueFields(collection, schema).has(path))} ${identifier(collection)} : "${path}"`;
    }),
    '```',
  ];
}

interface Drawn {
  readonly collection: string;
  readonly path: string;
  readonly to: string;
}

/** Returns the entity of a collection, only with fields that identify a document or refer to another. The page's tables show all fields. */
function entity(name: string, schema: Schema, drawn: readonly Drawn[]): string[] {
  const fields = fieldsOf(find(schema, 'validator', { collection: name }));
  const references = new Set(drawn.filter((one) => one.collection === name).map(({ path }) => path));
  const unique = uniqueFields(name, schema);
  const rows = fields.flatMap((field) => {
    const { path } = field;
    const keys = [path === '_id' ? 'PK' : '', references.has(path) ? 'FK' : '', unique.has(path) ? 'UK' : ''].filter(
      Boolean,
    );
    return keys.length === 0 ? [] : [`    ${attributeType(field)} ${identifier(path)} ${keys.join(', ')}`];
  });
  return rows.length === 0 ? [`  ${identifier(name)}`] : [`  ${identifier(name)} {`, ...rows, '  }'];
}

/** Returns the fields of a collection that are unique. */
function uniqueFields(name: string, schema: Schema): ReadonlySet<string> {
  return new Set(
    entriesIn(schema, name, 'index')
      .map(({ value }) => value)
      .filter((index) => index.unique && Object.keys(index.key).length === 1)
      .flatMap(({ key }) => Object.keys(key)),
  );
}

/** Returns the cardinality of a reference, in mermaid's notation: how many documents of each side belong together. */
function cardinality(field: Field | undefined, isUnique: boolean): string {
  if (field?.type.startsWith('array')) return '}o--o{';
  const isSure = field?.required === true && !/\bnull\b/.test(field.type);
  return `${isSure ? '||' : '|o'}--${isUnique ? 'o|' : 'o{'}`;
}

function attributeType({ type }: Field): string {
  if (type.startsWith('array of ')) return `${identifier(type.slice('array of '.length).split(' ')[0] ?? 'any')}[]`;
  return identifier(type.split(' or ').find((one) => one !== 'null') ?? type);
}

/** Returns a valid mermaid name: without dots, and with a letter or `_` first. */
function identifier(text: string): string {
  const word = text.replaceAll(/[^\w-]/g, '_');
  return /^[A-Za-z_]/.test(word) ? word : `_${word}`;
}
