import { backfill, createIndexes, makeUnique, type BackfillDefinition, type IndexDefinition } from '../migration';
import { defaultIndexName, entriesIn, type Schema } from '../schema';
import { literal } from '../review/lint/literal';
import { SchemaError } from '../support/schema-error';
import { dropFrames, ttlFrames, viewFrames, weightFrames } from './changes';
import { collectionFrame } from './collection';
import { renameFrames, requireFrames } from './fields';
import type { Planned } from './planned';
import type { KeyField, Targets } from './targets';

/** What a new migration is to do. At most one of these is given. */
export interface Purpose {
  /** `COLLECTION.FIELD[,FIELD…]` */
  readonly index?: string | undefined;
  readonly unique?: string | undefined;
  readonly collection?: string | undefined;
  readonly backfill?: string | undefined;
  /** `COLLECTION.FIELD=AGE` */
  readonly ttl?: string | undefined;
  /** `COLLECTION.FIELD=NAME` */
  readonly rename?: string | undefined;
  /** `COLLECTION.FIELD` */
  readonly require?: string | undefined;
  /** `COLLECTION.FIELD[,FIELD…]=NUMBER` */
  readonly weights?: string | undefined;
  /** `NAME=COLLECTION` */
  readonly view?: string | undefined;
  readonly drop?: string | undefined;
}

/** Every option that says what a migration is to do. */
export const purposes = [
  'index',
  'unique',
  'collection',
  'backfill',
  'ttl',
  'rename',
  'require',
  'weights',
  'view',
  'drop',
] as const satisfies readonly (keyof Purpose)[];

export interface PurposeOptions extends Purpose {
  /** The query that an index is there for; told by its fields unless given. */
  readonly serves?: string | undefined;
  /** Why something is dropped, or search may fail. */
  readonly reason?: string | undefined;
  /** Takes fields that no migration speaks of. */
  readonly undeclared?: boolean | undefined;
  /** Whether the documents of a new collection belong to users. */
  readonly isOwned?: boolean | undefined;
}

/** The migrations that carry out a purpose; more than one where the safe way has as many steps. */
export function plannedFor(options: PurposeOptions, targets: Targets, schema: Schema): Planned[] {
  if (options.index !== undefined) return [indexFrame(readIndex('--index', options.index, options, targets, schema))];
  if (options.unique !== undefined) return uniqueFrames(options.unique, options, targets, schema);
  if (options.collection !== undefined) return [collectionFrame(options.collection, options.isOwned === true)];
  if (options.backfill !== undefined) return [backfillFrame(options.backfill, targets)];
  if (options.ttl !== undefined) return ttlFrames(options.ttl, targets, schema);
  if (options.rename !== undefined) return renameFrames(options.rename, targets, schema);
  if (options.require !== undefined) return requireFrames(options.require, targets, schema);
  if (options.weights !== undefined) return weightFrames(options.weights, options.reason, targets, schema);
  if (options.view !== undefined) return viewFrames(options.view, targets);
  if (options.drop !== undefined) return dropFrames(options.drop, options.reason, targets, schema);
  return [];
}

interface NewIndex {
  readonly collection: string;
  readonly definition: IndexDefinition;
  /** Whether an index of that name is there. */
  readonly existing: { readonly isUnique: boolean } | undefined;
}

function readIndex(
  option: string,
  text: string,
  { serves, undeclared }: PurposeOptions,
  targets: Targets,
  schema: Schema,
): NewIndex {
  const { collection, fields } = targets.readKey(option, text, { undeclared });
  const key = Object.fromEntries(fields.map(({ path, direction }) => [path, direction]));
  const name = defaultIndexName(key);
  const found = entriesIn(schema, collection, 'index').find((entry) => entry.place.name === name);
  const definition = { name, key, serves: serves ?? servesBy(collection, fields) };
  const existing = found && { isUnique: found.value.unique === true };
  if (existing && (option === '--index' || existing.isUnique)) {
    throw new SchemaError('USAGE', `${collection} has the index ${name} already, so nothing was written`, {
      fix: existing.isUnique ? undefined : `to make it unique: \`new NAME --unique ${text}\``,
    });
  }
  return { collection, definition, existing };
}

/** `results by user_id and created_at (the last first)` */
function servesBy(collection: string, fields: readonly KeyField[]): string {
  const words = fields.map(({ path, direction }) => (direction === 1 ? path : `${path} (the last first)`));
  return `${collection} by ${words.join(' and ')}`;
}

function indexFrame({ collection, definition }: NewIndex): Planned {
  return {
    frame: {
      verbs: ['createIndexes'],
      why: `Somebody asks for ${definition.serves}.`,
      steps: [`createIndexes(${literal(collection)}, [${literal(definition)}])`],
    },
    steps: [createIndexes(collection, [definition])],
  };
}

/** Over documents that are there, an index is built first and made unique in a migration of its own. */
function uniqueFrames(text: string, options: PurposeOptions, targets: Targets, schema: Schema): Planned[] {
  const index = readIndex('--unique', text, options, targets, schema);
  const { collection, definition, existing } = index;
  const unique: Planned = {
    frame: {
      verbs: ['makeUnique'],
      why: `No two documents of ${collection} share ${Object.keys(definition.key).join(' and ')}.`,
      steps: [`makeUnique(${literal(collection)}, ${literal(definition.name)})`],
    },
    steps: [makeUnique(collection, definition.name)],
  };
  return existing ? [unique] : [{ ...indexFrame(index), suffix: '-index' }, unique];
}

/** It runs as it stands, so that the person edits something that works. */
const example: BackfillDefinition = {
  filter: { new_field: { $exists: false } },
  update: { $set: { new_field: 'a value' } },
  undo: { filter: { new_field: 'a value' }, update: { $unset: { new_field: '' } } },
};

function backfillFrame(collection: string, targets: Targets): Planned {
  targets.checkCollection('--backfill', collection);
  return {
    frame: {
      verbs: ['backfill'],
      why: 'Why these documents change. An update has to make its own filter pass a document by: it may be sent twice.',
      steps: [`backfill(${literal(collection)}, ${literal(example)})`],
    },
    steps: [backfill(collection, example)],
    fillIn: 'its steps, and why',
  };
}
