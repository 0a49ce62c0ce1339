import { backfill, type BackfillDefinition } from '../migration';
import type { Schema } from '../schema';
import { literal } from '../review/lint/literal';
import { dropFrames, ttlFrames, viewFrames, weightFrames } from './changes';
import { collectionFrame } from './collection';
import { indexFrames, uniqueFrames } from './indexes';
import { renameFrames, requireFrames } from './fields';
import { fieldFrames } from './new-field';
import type { Planned } from './planned';
import type { Targets } from './targets';

/** What a new migration should do. At most one of these is set. */
export interface Purpose {
  /** `COLLECTION.FIELD[,FIELD…]` */
  readonly index?: string | undefined;
  readonly unique?: string | undefined;
  readonly collection?: string | undefined;
  readonly backfill?: string | undefined;
  /** `COLLECTION.FIELD=AGE` */
  readonly ttl?: string | undefined;
  /** `COLLECTION.FIELD=TYPE` */
  readonly field?: string | undefined;
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

export interface PurposeOptions extends Purpose {
  /** A description of the query that an index is for. By default, it is derived from the fields. */
  readonly serves?: string | undefined;
  /** The collation of an index: `en`, or `en:2` with a strength. */
  readonly collation?: string | undefined;
  /** Which duplicate is kept when an index becomes unique: `newest=FIELD` or `oldest=FIELD`. */
  readonly keep?: string | undefined;
  /** Why a collection is dropped, or why text searches may fail for a while. */
  readonly reason?: string | undefined;
  /** Whether to accept fields that no migration mentions. */
  readonly undeclared?: boolean | undefined;
  /** Whether the documents of a new collection belong to users. */
  readonly isOwned?: boolean | undefined;
}

/** For each purpose, the function that plans its migrations. It plans several migrations when the safe way takes several steps. */
const frames: {
  readonly [P in keyof Purpose]-?: (
    wanted: string,
    options: PurposeOptions,
    targets: Targets,
    schema: Schema,
  ) => Planned[];
} = {
  index: indexFrames,
  unique: uniqueFrames,
  collection: (name, { isOwned = false }) => [collectionFrame(name, isOwned)],
  backfill: (collection, _options, targets) => [backfillFrame(collection, targets)],
  ttl: (wanted, _options, targets, schema) => ttlFrames(wanted, targets, schema),
  field: (wanted, _options, targets, schema) => fieldFrames(wanted, targets, schema),
  rename: (wanted, _options, targets, schema) => renameFrames(wanted, targets, schema),
  require: (wanted, _options, targets, schema) => requireFrames(wanted, targets, schema),
  weights: (wanted, { reason }, targets, schema) => weightFrames(wanted, reason, targets, schema),
  view: (wanted, _options, targets) => viewFrames(wanted, targets),
  drop: (name, { reason }, targets, schema) => dropFrames(name, reason, targets, schema),
};

/** Every option that names a purpose. */
export const purposes = Object.keys(frames) as (keyof Purpose)[];

/** Returns the migrations for the given purpose; an empty list when there is none. */
export function plannedFor(options: PurposeOptions, targets: Targets, schema: Schema): Planned[] {
  return purposes.flatMap((purpose) => {
    const wanted = options[purpose];
    return wanted === undefined ? [] : frames[purpose](wanted, options, targets, schema);
  });
}

/** An example backfill that runs without changes, so that the person starts from something that works. */
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
      why: 'Why these documents change. The filter must not match a document that was already updated, since the update may be sent twice.',
      steps: [`backfill(${literal(collection)}, ${literal(example)})`],
    },
    steps: [backfill(collection, example)],
    fillIn: 'its steps, and the reason',
  };
}
