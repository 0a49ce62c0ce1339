import type { Document, Filter } from 'mongodb';
import {
  arraysBeyond,
  fieldOf,
  isMissing,
  isTopLevel,
  putIn,
  takeOut,
  tooDeep,
  valueOf,
  withoutField,
  type Field,
  type FieldPath,
} from '../field-path';
import type { DataStep, Obstacle } from '../types';
import { backfill, generated, type BackfillDefinition } from './backfill';
import { SchemaError } from '../../support/schema-error';

export interface RenameFieldOptions extends Pick<BackfillDefinition, 'pause'> {
  /** How many documents one update command covers. The default is 10,000. */
  readonly batchSize?: number;
  /**
   * Which value is kept when a document has both fields with different values: the value in the field `from` or in the field `to`. This
   * applies both up and down. The other value is deleted, which requires `--allow-data-loss` with the migration's name. Without this
   * option, such documents stop the step.
   */
  readonly onConflict?: 'keep from' | 'keep to';
  /** Set this when documents have the field although no validator, index or data step mentions it. Otherwise the name counts as a typo. */
  readonly undeclared?: boolean;
}

const policies: readonly string[] = ['keep from', 'keep to'];

/**
 * Renames a field by moving its value. If both fields have the same value, the old field is removed. A path may lead through
 * sub-documents, so a field can be moved into or out of a sub-document. A field inside an array cannot be moved.
 * @category Data
 * @example
 * renameField('results', 'lang', 'content.language_code'),
 * @down Moves the value back.
 * @cost Reads and writes every document that has the field, in batches. Documents in which the field cannot be renamed are counted, and
 * stop the step before its first write.
 * @throws error with code `MIGRATION` for an invalid field path, or when one path lies inside the other; at run time, with
 * code `PREFLIGHT` that counts the documents in which the field cannot be renamed.
 */
export function renameField(
  collection: string,
  from: FieldPath,
  to: FieldPath,
  { onConflict, undeclared = false, ...batches }: RenameFieldOptions = {},
): DataStep {
  const what = `renameField('${collection}', …)`;
  const [old, next] = [fieldOf(from, what), fieldOf(to, what)];
  if (onConflict !== undefined && !policies.includes(onConflict)) {
    throw new SchemaError('MIGRATION', `${what} has an unknown onConflict`, {
      fix: `write one of ${policies.map((one) => `'${one}'`).join(', ')}, or omit onConflict`,
    });
  }
  if (leadsInto(old, next) || leadsInto(next, old)) {
    throw new SchemaError('MIGRATION', `${what} cannot rename ${old.label} to ${next.label}`, {
      why: 'one of these paths is inside the other',
      fix: 'first rename the field to a third name, and to the final name in a later migration',
    });
  }
  const up = moveOf(collection, old, next, {
    keeps: onConflict && (onConflict === 'keep from' ? 'moved' : 'found'),
    prunes: false,
  });
  // `down` removes empty documents on the path, because `up` may have created them for the field.
  const down = moveOf(collection, next, old, {
    keeps: onConflict && (onConflict === 'keep to' ? 'moved' : 'found'),
    prunes: true,
  });
  const { filter, update } = up;
  const step = backfill(collection, { ...batches, filter, update, undo: { filter: down.filter, update: down.update } });
  const lost = [onConflict === 'keep from' ? next.label : old.label];
  const told = {
    summary: `The fields ${old.label} and ${next.label} of ${collection} cannot be renamed, so nothing was renamed`,
    fix: 'correct these documents in an earlier step or migration; if both values exist, `onConflict` decides which one stays',
  };
  return {
    ...step,
    updates: generated(step.updates),
    expects: undeclared ? [] : [old.names],
    sets: [next.names],
    describe: [`rename the field ${old.label} of ${collection} to ${next.label}`],
    ...(onConflict && {
      loses: {
        up: { collection, fields: lost, filter: up.conflict },
        down: { collection, fields: lost, filter: down.conflict },
      },
    }),
    isDone: async (db) => (await db.collection(collection).findOne(up.anywhere, { projection: { _id: 1 } })) === null,
    obstacles: { up: up.obstacles, down: down.obstacles, ...told },
  };
}

interface Move {
  readonly filter: Filter<Document>;
  readonly update: readonly Document[];
  /** Matches documents that have both fields, with different values. */
  readonly conflict: Filter<Document>;
  /** Matches all documents that have the field, even if the field cannot be moved. */
  readonly anywhere: Filter<Document>;
  readonly obstacles: readonly Obstacle[];
}

interface MoveOptions {
  /** Which value is kept when the old and the new field have different values; undefined when neither value may be deleted. */
  readonly keeps: 'moved' | 'found' | undefined;
  readonly prunes: boolean;
}

function moveOf(collection: string, from: Field, to: Field, { keeps, prunes }: MoveOptions): Move {
  const [moved, found] = [valueOf(from), valueOf(to)];
  const differs = { $and: [{ $not: isMissing(moved) }, { $not: isMissing(found) }, isOther(moved, found)] };
  const conflict: Filter<Document> = { $expr: differs };
  const blocked: Filter<Document> = { $expr: { $and: [{ $not: isMissing(moved) }, isInTheWay(to)] } };
  const anywhere: Filter<Document> = isTopLevel(from)
    ? { [from.label]: { $exists: true } }
    : { $expr: { $ne: ['$$ROOT', withoutField(from)] } };
  const inArray: Filter<Document> = { $and: [anywhere, { $expr: isMissing(moved) }] };
  const value = keeps === 'found' ? { $cond: [isMissing(found), moved, found] } : moved;
  const taken = takeOut(from, { prunes });
  const update = [{ $replaceWith: { $let: { vars: { value, rest: taken }, in: putIn(to, '$$value', '$$rest') } } }];
  const [source, target] = [from.label, to.label];
  const beyond = tooDeep(from);
  const obstacles = [
    ...(beyond ? [{ collection, filter: beyond, why: arraysBeyond(from) }] : []),
    { collection, filter: inArray, why: `${source} inside an array, from which it cannot be moved` },
    { collection, filter: blocked, why: `something other than a document on the path of ${target}` },
    ...(keeps ? [] : [{ collection, filter: conflict, why: `both ${source} and ${target}, with different values` }]),
  ];
  const excluded = [blocked, ...(keeps ? [] : [conflict])];
  return {
    filter: { $and: [{ $expr: { $not: isMissing(moved) } }, { $nor: excluded }] },
    update,
    conflict,
    anywhere,
    obstacles,
  };
}

/** Returns an expression that is true if two values differ. Values that are equal only in the collection's collation count as different. */
function isOther(one: Document, other: Document): Document {
  return { $or: [{ $ne: [one, other] }, { $ne: [{ $toHashedIndexKey: one }, { $toHashedIndexKey: other }] }] };
}

/** Returns an expression that is true if a value other than a document is on the new path of a field. */
function isInTheWay({ names }: Field): Document {
  const parents = names.slice(1).map((_, at) => valueOf({ names: names.slice(0, at + 1) }));
  return { $or: parents.map((parent) => ({ $not: [{ $in: [{ $type: parent }, ['missing', 'object']] }] })) };
}

function leadsInto({ names }: Field, { names: others }: Field): boolean {
  return names.every((name, at) => others[at] === name);
}
