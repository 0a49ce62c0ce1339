import { readIndexes } from '../../database';
import { isTextKey, rules, type Draft, type IndexAttribute, type Place } from '../../schema';
import { makeUnique } from '../recipes/make-unique';
import { isBeingRebuilt, rebuildWithout, wayBackProblem, type Attribute } from '../recipes/rebuild-index';
import { send } from '../session';
import { eachPending, type Execution } from './execution';
import { duplicates, expired, indexBuild, refuseExpiringNow, searchStops } from './index-looks';

type AttributeKind = `index.${IndexAttribute}`;

/** What the executions of all index attributes have in common. */
const common: Omit<Execution<AttributeKind>, 'action' | 'obstacle'> = {
  reads: () => ({ indexes: true }),
  isHalfDone: () => false,
  /** If the index is missing, the place matches neither `from` nor `to`. */
  holdsNeitherSide: (place, draft) => draft.get({ kind: 'index', place }) === undefined,
  keepsEdited: false,
  isInOrder: false,
  remedy: ({ place }, _found, draft) =>
    draft.get({ kind: 'index', place }) === undefined
      ? 'createIndexes makes the index'
      : 'restore what the migration expects; or, if the migration is not released yet, use the present value as the `from` of that change',
  looks: () => [],
};

export const expireAfterSeconds: Execution<'index.expireAfterSeconds'> = {
  ...common,
  action: () => 'changeIndex',
  isHalfDone: ({ place, to }, draft) =>
    to === undefined && isBeingRebuilt(place.name, draft.indexesOf(place.collection)),
  obstacle: ({ place, to }, draft) =>
    rules['index.expireAfterSeconds'].refusal(draft, place, to) ??
    (to === undefined ? wayBack(place, draft, 'expireAfterSeconds') : undefined),
  looks: ({ place, from, to }, { draft }) => {
    if (to === undefined) return [indexBuild(place.collection)];
    const index = draft.get({ kind: 'index', place });
    return !isShorter(from, to) || !index ? [] : [expired(place.collection, index, to)];
  },
};

function wayBack({ collection, name }: Place<'index'>, draft: Draft, attribute: Attribute): string | undefined {
  return wayBackProblem(collection, name, draft.indexesOf(collection), attribute);
}

/** Returns whether the new TTL deletes documents that the old TTL would keep. If the index had no TTL, this is always true. */
function isShorter(from: number | undefined, to: number): boolean {
  return from === undefined || to < from;
}

export const hidden: Execution<'index.hidden'> = {
  ...common,
  action: () => 'changeIndex',
  obstacle: () => undefined,
  looks: ({ place, to }, { draft }) => {
    const index = to && draft.get({ kind: 'index', place });
    return index && isTextKey(index.key) ? [searchStops()] : [];
  },
};

export const unique: Execution<'index.unique'> = {
  ...common,
  action: ({ to }) => (to === true ? 'makeUnique' : 'unmakeUnique'),
  isHalfDone: ({ place }, draft) => isBeingRebuilt(place.name, draft.indexesOf(place.collection)),
  /** Returns why the server could not make the change, or could not undo it. */
  obstacle: ({ place, to }, draft) =>
    rules['index.unique'].refusal(draft, place, to) ?? (to === undefined ? wayBack(place, draft, 'unique') : undefined),
  looks: ({ place, to }, { draft }) => {
    const index = to && draft.get({ kind: 'index', place });
    return index ? [duplicates(place.collection, index)] : [];
  },
};

/**
 * Sets TTLs and the attribute `hidden`. If `hidden` has no new value, `false` is written. A TTL cannot be removed by this command, so the
 * index is rebuilt without it.
 */
export const changeIndexes = eachPending<'index.expireAfterSeconds' | 'index.hidden'>(
  async (session, collection, { kind, place, from, to = false }) => {
    if (kind === 'index.expireAfterSeconds' && to === false)
      return rebuildWithout(session, collection, place.name, 'expireAfterSeconds');
    if (kind === 'index.expireAfterSeconds' && typeof to === 'number' && isShorter(from, to)) {
      const index = (await readIndexes(session.db, collection))[place.name];
      await refuseExpiringNow(session, collection, index ? [{ name: place.name, index, seconds: to }] : []);
    }
    const attribute = kind === 'index.hidden' ? 'hidden' : 'expireAfterSeconds';
    return send(session, { collMod: collection, index: { name: place.name, [attribute]: to } });
  },
);

export const makeIndexesUnique = eachPending(makeUnique);
export const unmakeIndexesUnique = eachPending<'index.unique'>((session, collection, { place }) =>
  rebuildWithout(session, collection, place.name, 'unique'),
);
