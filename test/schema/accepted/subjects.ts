import type { Db, Document } from 'mongodb';
import { addValidator, createCollections, createIndexes, type IndexDefinition } from '../../../src/migration';
import {
  defaultIndexName,
  fromPlain,
  type Change,
  type Index,
  type PlainObject,
  type Schema,
} from '../../../src/schema';
import type { IndexCase } from './index-cases';

/** One kind of definition: what a verb makes of one, and how it is brought to the server. */
export interface Subject<C> {
  /** @throws error with code `MIGRATION` for what the verb refuses. */
  readonly verb: (name: string, definition: C) => readonly Change[];
  /** As a person would send it by hand. */
  readonly byHand: (db: Db, name: string, definition: C) => Promise<unknown>;
  /** As a run sends it, to where it is already: the server refuses it when it is not the same. */
  readonly byRun: (db: Db, name: string, change: Change) => Promise<unknown>;
  /** Whether it needs a collection. */
  readonly makesFirst?: boolean;
  /** What the server stored, where the change has its place. */
  readonly stored: (schema: Schema, name: string, change: Change) => unknown;
}

export function nameOf({ name, key }: IndexCase): unknown {
  return name === undefined && typeof key === 'object' && key !== null ? defaultIndexName(key as Index['key']) : name;
}

export const ofIndexes: Subject<IndexCase> = {
  makesFirst: true,
  verb: (collection, definition) =>
    createIndexes(collection, [{ ...definition, name: nameOf(definition), serves: 'a test' } as IndexDefinition])
      .changes,
  byHand: (db, collection, definition) => {
    const given = Object.entries({ ...definition, name: nameOf(definition) }).filter(
      ([, value]) => value !== undefined,
    );
    return db.command({ createIndexes: collection, indexes: [Object.fromEntries(given)] });
  },
  byRun: (db, collection, change) => {
    const { collation = { locale: 'simple' }, ...options } = change.to as Index;
    const name = 'name' in change.place ? change.place.name : '';
    return db.command({
      createIndexes: collection,
      indexes: [{ name, ...fromPlain(options as PlainObject), collation }],
    });
  },
  stored: (schema, collection, change) => {
    const found = Object.entries(schema[collection]?.indexes ?? {});
    return found.find(([name]) => 'name' in change.place && name === change.place.name)?.[1];
  },
};

export const ofCollections: Subject<Document> = {
  verb: (name, options) => createCollections({ name, ...options }).changes,
  byHand: (db, name, options) =>
    db.command({
      create: name,
      ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    }),
  byRun: (db, name, { to }) => db.command({ create: name, ...fromPlain(to as PlainObject) }),
  stored: (schema, name) => schema[name]?.options,
};

export const ofValidators: Subject<Document> = {
  verb: (name, validator) => addValidator(name, validator).changes,
  byHand: (db, name, validator) => db.command({ create: name, validator }),
  byRun: (db, name, { to }) => {
    const { validator } = to as { readonly validator: PlainObject };
    return db.command({ collMod: name, validator: fromPlain(validator) });
  },
  stored: (schema, name) => schema[name]?.validator,
};
