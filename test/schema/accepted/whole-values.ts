import {
  addValidator,
  createCollections,
  createIndexes,
  insertDocuments,
  type SchemaStep,
} from '../../../src/migration';
import type { Db, Document } from 'mongodb';
import { validCollections } from './collection-cases';
import { schemaCases } from './schema-cases';
import { ids, siblings, values, valuesOfRows } from './value-cases';

/** How many cases share a collection. */
const together = 50;

function inGroups<T>(cases: readonly T[], prefix: string): (readonly [name: string, cases: readonly T[]])[] {
  return Array.from({ length: Math.ceil(cases.length / together) }, (_, at) => [
    `${prefix}_${at}`,
    cases.slice(at * together, (at + 1) * together),
  ]);
}

const field = (at: number) => `f${at}`;

/** A row for each value. */
export const rows: readonly Document[] = valuesOfRows.map((value, at) => ({ _id: at, value }));
export const rowsById: readonly Document[] = ids.map((_id) => ({ _id, name: 'x' }));

const any = (some: readonly unknown[]): Document => ({
  $or: some.map((value, at) => ({ [field(at)]: { $eq: value } })),
});

/** A partial filter takes no regular expression. */
const isPattern = (value: unknown) =>
  value instanceof RegExp || (value as { _bsontype?: unknown } | null)?._bsontype === 'BSONRegExp';
export const filtered = values.filter((value) => !isPattern(value));

/** Validators, and filters of partial indexes, for some dozens of values each, by collection. */
export const validators = [
  ...inGroups(values, 'eq').map(([name, some]) => [name, any(some)] as const),
  ...inGroups(values, 'in').map(([name, some]) => [name, { a: { $in: some } }] as const),
];
export const filters = inGroups(filtered, 'partial').map(([name, some]) => [name, any(some)] as const);
export const schemas = inGroups(schemaCases, 'schema');
export const schemaOf = (cases: (typeof schemas)[number][1]): Document => ({
  $jsonSchema: { properties: Object.fromEntries(cases.map(([schema], at) => [field(at), schema])) },
});
export const options = validCollections.map((one, at) => [`options_${at}`, one] as const);
export const siblingRows: readonly Document[] = siblings.map(([value], at) => ({ _id: at, value }));
const siblingFilters: readonly (readonly [string, Document])[] = siblings.map(([value], at) => [
  `sibling_${at}`,
  { a: { $in: [value] } },
]);

export function stepsOfCollections(): SchemaStep[] {
  const named = [...validators, ...filters, ...schemas, ...siblingFilters].map(([name]) => name);
  return [
    createCollections('rows', 'rows_by_id', 'sibling_rows', ...named),
    createCollections(...options.map(([name, one]) => ({ name, ...one }))),
  ];
}

export function stepsOfRows(): SchemaStep[] {
  return [
    insertDocuments('rows', rows),
    insertDocuments('rows_by_id', rowsById),
    insertDocuments('sibling_rows', siblingRows),
  ];
}

const index = (partialFilterExpression: Document) => ({ name: 'a_1', key: { a: 1 } as const, partialFilterExpression });

export function stepsOfFilters(): SchemaStep[] {
  return [
    ...[...validators, ...siblingFilters].map(([name, filter]) => addValidator(name, filter)),
    ...schemas.map(([name, cases]) => addValidator(name, schemaOf(cases))),
    ...filters.map(([name, filter]) => createIndexes(name, [{ ...index(filter), serves: 'a test' }])),
  ];
}

/** The same by hand, with the driver alone. */
export async function makeByHand(db: Db): Promise<void> {
  await db.command({ insert: 'rows', documents: rows });
  await db.command({ insert: 'rows_by_id', documents: rowsById });
  await db.command({ insert: 'sibling_rows', documents: siblingRows });
  for (const [name, one] of options)
    await db.command({
      create: name,
      ...Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)),
    });
  for (const [name, validator] of [...validators, ...siblingFilters]) await db.command({ create: name, validator });
  for (const [name, cases] of schemas) await db.command({ create: name, validator: schemaOf(cases) });
  for (const [name, filter] of filters) await db.command({ createIndexes: name, indexes: [index(filter)] });
}

/** Puts in the place of each value the one that it is easily taken for. */
export async function alterByHand(db: Db): Promise<void> {
  for (const [at, [, other]] of siblings.entries()) {
    await db.command({ update: 'sibling_rows', updates: [{ q: { _id: at }, u: { _id: at, value: other } }] });
    await db.command({ collMod: `sibling_${at}`, validator: { a: { $in: [other] } } });
  }
}
