import { actionOf, dangersOf, type Action } from '../../deploy';
import { inverse, inverseOf, type Change, type Draft } from '../../schema';

const moment = 'operations on the collection wait for a moment';
const build = 'built while operations go on; they wait for a moment as it begins and ends';
const rebuild = 'built again while another index serves';
const none = 'nothing waits';
const deletes = '**may delete documents**, and takes `--allow-data-loss`';

/** What each action makes others wait for. */
const waits: { readonly [A in Action]: string } = {
  createCollection: none,
  changeCollection: moment,
  dropCollection: 'writes to it are refused, and then it goes',
  renameCollection: `${moment}; whoever uses the old name finds nothing from then on`,
  setValidator: moment,
  createIndex: build,
  dropIndex: `${moment}; queries that use it become slower`,
  replaceIndex: build,
  changeIndex: moment,
  makeUnique: `${moment}; from then on duplicates are refused`,
  unmakeUnique: rebuild,
  insertDocument: none,
  updateDocument: none,
  removeDocument: none,
  createView: none,
  changeView: none,
  dropView: 'queries of it fail from then on',
};

/** What undoes each action. */
const undone: { readonly [A in Action]: string } = {
  createCollection: 'dropped',
  changeCollection: 'put back as it was',
  dropCollection: 'made again, empty',
  renameCollection: 'renamed back',
  setValidator: 'put back as it was',
  createIndex: 'dropped',
  dropIndex: 'built again',
  replaceIndex: 'built again as it was',
  changeIndex: 'put back as it was',
  makeUnique: rebuild,
  unmakeUnique: 'made unique again',
  insertDocument: 'removed, unless somebody edited it',
  updateDocument: 'put back, unless somebody edited it',
  removeDocument: 'inserted again',
  createView: 'dropped',
  changeView: 'put back as it was',
  dropView: 'made again',
};

/** What the data that is there could make of a change, where it is more than a wait. */
const dangers: { readonly [D in Danger]?: string } = {
  duplicates: 'duplicates stop it',
  violators: 'documents that violate it stop it',
  'expired documents': deletes,
  'documents to lose': deletes,
  'documents in the way': 'documents that it cannot index stop it',
  'queries that fail': 'every `$text` query fails meanwhile',
};

type Danger = ReturnType<typeof dangersOf>[number];

/** What a change does to a database that is in use. */
export interface Effects {
  /** What waits while it is made, and what the data there could make of it. */
  readonly effect: string;
  /** What `down` does, and what it does not bring back; `after` is the schema that the change leads to. */
  readonly downFrom: (after: Draft) => string;
}

/** @param siblings all changes of its migration. */
export function effectsOf(change: Change, before: Draft, siblings: readonly Change[]): Effects {
  const action = actionOf(change);
  const met = dangersIn(change, before, siblings);
  const lost = met.includes(deletes) ? ['what was deleted stays deleted'] : [];
  return {
    effect: [waits[action], ...met].join('; '),
    downFrom: (after) =>
      [undone[action], ...dangersIn(inverseOf(change), after, inverse(siblings)), ...lost].join('; '),
  };
}

function dangersIn(change: Change, draft: Draft, siblings: readonly Change[]): string[] {
  const kinds = dangersOf(change, { draft, removed: [], siblings });
  return [...new Set(kinds.flatMap((kind) => dangers[kind] ?? []))];
}
