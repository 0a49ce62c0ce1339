import {
  addValidator,
  createCollections,
  createIndexes,
  insertDocuments,
  type SchemaStep,
} from '../../../src/migration';

/** What JavaScript, shells and files give a meaning of their own. */
export const names = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__proto__',
  'prototype',
  'length',
  'two\nlines',
  'carriage\rreturn',
  'tab\t',
  'with "quotes" and \'more\'',
  'back\\slash',
  'back`tick`',
  'not ${this} %s {{it}}',
  'é 😀 漢字 \u202e',
  ' leading and trailing ',
  'dots.and.more',
  'null',
  '0',
  'x'.repeat(180),
];

/** Names of fields may be longer, and have neither dots nor digits alone. */
const fields = [...names.filter((name) => name !== '0' && !name.includes('.')), 'y'.repeat(1000)];

/** The names that a collection can have. */
const collections = names.filter((name) => !name.includes('$') && name !== '__proto__');

export function stepsOfCollections(): SchemaStep[] {
  return [createCollections('fields', 'texts', 'rows', ...collections)];
}

export function stepsOfContents(): SchemaStep[] {
  const own = (name: string, value: unknown) => Object.fromEntries([[name, value]]);
  return [
    createIndexes(
      'fields',
      fields.map((name) => ({ name, key: own(name, 1) as Record<string, 1>, serves: name })),
    ),
    createIndexes('texts', [
      { name: 'constructor', key: Object.fromEntries(fields.map((name) => [name, 'text'])), serves: 'a test' },
    ]),
    addValidator('fields', {
      $jsonSchema: {
        required: fields,
        properties: Object.fromEntries(fields.map((name) => [name, { bsonType: 'string', description: name }])),
      },
    }),
    insertDocuments('rows', [...names.map((name) => ({ _id: name, ...own(name, name) })), { _id: 'z'.repeat(1000) }]),
    ...collections.map((name) => createIndexes(name, [{ name, key: { a: 1 }, serves: 'a test' }])),
  ];
}
