import { backfill, type BackfillDefinition } from '../migration';
import type { Schema } from '../schema';
import { literal } from '../review/lint/literal';
import { dropFrames, ttlFrames, viewFrames, weightFrames } from './changes';
import { collectionFrame } from './collection';
import { indexFrames, uniqueFrames } from './indexes';
import { renameFrames, requireFrames } from './fields';
import type { Planned } from './planned';
import type { Targets } from './targets';

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
  /** Of an index: `en`, or `en:2` with its strength. */
  readonly collation?: string | undefined;
  /** Of the documents that share a key that is to be unique, the one that stays: `newest=FIELD` or `oldest=FIELD`. */
  readonly keep?: string | undefined;
  /** Why something is dropped, or search may fail. */
  readonly reason?: string | undefined;
  /** Takes fields that no migration speaks of. */
  readonly undeclared?: boolean | undefined;
  /** Whether the documents of a new collection belong to users. */
  readonly isOwned?: boolean | undefined;
}

/** The migrations that carry out a purpose; more than one where the safe way has as many steps. */
export function plannedFor(options: PurposeOptions, targets: Targets, schema: Schema): Planned[] {
  if (options.index !== undefined) return indexFrames(options.index, options, targets, schema);
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
