import { actionOf, dangersOf, type Action } from '../../deploy';
import { inverse, inverseOf, type Change, type Draft } from '../../schema';

const moment = 'operations on the collection wait for a moment';
const build = 'built while operations continue; they wait for a moment when the build begins and ends';
const rebuild = 'rebuilt while another index answers the queries';
const none = 'nothing waits';
const deletes = '**may delete documents**, and requires `--allow-data-loss`';

/** Which other operations wait during each action. */
const waits: { readonly [A in Action]: string } = {
  createCollection: none,
  changeCollection: moment,
  dropCollection: 'writes to the collection are refused, and then it is dropped',
  renameCollection: `${moment}; after that, queries of the old name find nothing`,
  setValidator: moment,
  createIndex: build,
  dropIndex: `${moment}; queries that use the index become slower`,
  replaceIndex: build,
  changeIndex: moment,
  makeUnique: `${moment}; after that, duplicates are refused`,
  unmakeUnique: rebuild,
  insertDocument: none,
  updateDocument: none,
  removeDocument: none,
  createView: none,
  changeView: none,
  dropView: 'queries on the view fail after the drop',
};

/** How each action is undone. */
const undone: { readonly [A in Action]: string } = {
  createCollection: 'dropped',
  changeCollection: 'restored',
  dropCollection: 'created again, empty',
  renameCollection: 'renamed back',
  setValidator: 'restored',
  createIndex: 'dropped',
  dropIndex: 'built again',
  replaceIndex: 'rebuilt with the old definition',
  changeIndex: 'restored',
  makeUnique: rebuild,
  unmakeUnique: 'made unique again',
  insertDocument: 'removed, unless it was edited by hand',
  updateDocument: 'restored, unless it was edited by hand',
  removeDocument: 'inserted again',
  createView: 'dropped',
  changeView: 'restored',
  dropView: 'created again',
};

/** What may happen during a change because of existing data, besides waiting. */
const dangers: { readonly [D in Danger]?: string } = {
  duplicates: 'duplicates make the change fail',
  violators: 'documents that violate the validator make the change fail',
  'expired documents': deletes,
  'documents to lose': deletes,
  'documents in the way': 'documents that cannot be indexed make the change fail',
  'queries that fail': 'every `$text` query fails in the meantime',
};

type Danger = ReturnType<typeof dangersOf>[number];

/** The effects of a change on a database in use. */
export interface Effects {
  /** Which operations wait during the change, and what may happen because of existing data. */
  readonly effect: string;
  /** Returns what `down` does, and what it cannot restore. `after` is the schema after the change. */
  readonly downFrom: (after: Draft) => string;
}

/** @param siblings all changes of the migration that contains the change. */
export function effectsOf(change: Change, before: Draft, siblings: readonly Change[]): Effects {
  const action = actionOf(change);
  const met = dangersIn(change, before, siblings);
  const lost = met.includes(deletes) ? ['deleted documents stay deleted'] : [];
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
