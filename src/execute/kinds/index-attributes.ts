import { readIndexes } from '../../database';
import { isTextKey, rules, type IndexAttribute } from '../../schema';
import { isBeingRebuilt, makeUnique, unmakeUnique, wayBackProblem } from '../recipes/make-unique';
import { send } from '../session';
import { eachPending, type Execution } from './execution';
import { duplicates, expired, refuseExpiringNow, searchStops } from './index-looks';

type AttributeKind = `index.${IndexAttribute}`;

/** What all attributes have in common. */
const common: Omit<Execution<AttributeKind>, 'action' | 'obstacle'> = {
  reads: () => ({ indexes: true }),
  isHalfDone: () => false,
  /** If the index is missing, a change matches neither `from` nor `to`. */
  holdsNeitherSide: (place, draft) => draft.get({ kind: 'index', place }) === undefined,
  keepsEdited: false,
  isInOrder: false,
  remedy: (_change, found) =>
    found === undefined ? 'createIndexes makes the index' : 'changeTtl changes it, with what is there as its from',
  looks: () => [],
};

export const expireAfterSeconds: Execution<'index.expireAfterSeconds'> = {
  ...common,
  action: () => 'changeIndex',
  obstacle: ({ place, to }, draft) => rules['index.expireAfterSeconds'].refusal(draft, place, to),
  looks: ({ place, from, to }, { draft }) => {
    const index = draft.get({ kind: 'index', place });
    return to === undefined || !isShorter(from, to) || !index ? [] : [expired(place.collection, index, to)];
  },
};

/** Whether a TTL deletes documents that the one before it would keep: a new one does. */
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
  /** What the server would end by, or could not undo. */
  obstacle: ({ place, to }, draft) =>
    rules['index.unique'].refusal(draft, place, to) ??
    (to === undefined ? wayBackProblem(place.collection, place.name, draft.indexesOf(place.collection)) : undefined),
  looks: ({ place, to }, { draft }) => {
    const index = to && draft.get({ kind: 'index', place });
    return index ? [duplicates(place.collection, index)] : [];
  },
};

/** A missing value is written as `false`: hidden no longer. */
export const changeIndexes = eachPending<'index.expireAfterSeconds' | 'index.hidden'>(
  async (session, collection, { kind, place, from, to = false }) => {
    if (kind === 'index.expireAfterSeconds' && typeof to === 'number' && isShorter(from, to)) {
      const index = (await readIndexes(session.db, collection))[place.name];
      await refuseExpiringNow(session, collection, index ? [{ name: place.name, index, seconds: to }] : []);
    }
    const attribute = kind === 'index.hidden' ? 'hidden' : 'expireAfterSeconds';
    return send(session, { collMod: collection, index: { name: place.name, [attribute]: to } });
  },
);

export const makeIndexesUnique = eachPending(makeUnique);
export const unmakeIndexesUnique = eachPending(unmakeUnique);
