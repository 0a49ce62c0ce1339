import { readersOf, rules, type Change } from '../../schema';
import { documents } from '../../support/counts';
import { rename } from '../session';
import { describeMissing, eachPending, type Execution, type Look, type Surroundings } from './execution';

type Rename = Change<'collection.name'>;

/**
 * Renames a collection. The collection keeps its documents, options, validator, indexes and UUID. After an interrupted run, the next run
 * can read from the server which of the two names the collection has. The option `dropTarget` is never used.
 * @see https://www.mongodb.com/docs/v7.0/reference/command/renameCollection/
 */
export const collectionName: Execution<'collection.name'> = {
  action: () => 'renameCollection',
  reads: () => ({}),
  isHalfDone: () => false,
  holdsNeitherSide: () => false,
  keepsEdited: false,
  isInOrder: true,
  obstacle: ({ place, from, to }, draft, { others }) => {
    const other = to === undefined ? undefined : others.get(to);
    return (
      describeMissing(rules['collection.name'].missing(draft, place, from)) ??
      (other && `a ${other} named ${to} exists; rename or drop it by hand`) ??
      rules['collection.name'].refusal(draft, place, to)
    );
  },
  remedy: ({ place, from, to }, found) =>
    found === undefined
      ? `createCollections makes the collection ${from}; neither ${place.collection} nor ${place.becomes} exists`
      : `both collections exist, so it is unknown whether the rename was done. An application that uses ${from} may have created ${from} again after the rename, or an application that uses ${to} may have created ${to} before the rename. Look at both collections. Move the documents from the collection that was created by mistake into the other collection, drop the empty collection, and run again`,
  looks: (change, surroundings) => [goesAlong(change, surroundings), ...unread(change, surroundings)],
};

function goesAlong({ from = '' }: Rename, { draft }: Surroundings): Look {
  return {
    kind: 'documents that move',
    blocks: false,
    measure: async (db, maxTimeMS) => {
      const limit = maxTimeMS > 0 ? { maxTimeMS } : {};
      const count = await db.collection(from).estimatedDocumentCount({ ...limit, readPreference: 'primary' });
      const indexes = draft.indexesOf(from).size;
      const others = indexes === 0 ? '' : ` and ${indexes} ${indexes === 1 ? 'index' : 'indexes'}`;
      const verb = count === 1 && indexes === 0 ? 'moves' : 'move';
      return { count, message: `${documents(count)}${others} ${verb} to the new name` };
    },
  };
}

/** Finds views that read from the old name and are not changed by the same migration. Such views were made by hand. */
function unread({ from = '' }: Rename, { draft, siblings = [] }: Surroundings): Look[] {
  const changed = new Set(siblings.flatMap(({ kind, place }) => (kind === 'view' ? [`view ${place.collection}`] : [])));
  const readers = readersOf(draft, from).filter((reader) => !changed.has(reader));
  if (readers.length === 0) return [];
  const message = `${readers.map((reader) => `the ${reader}`).join(', ')} ${readers.length === 1 ? 'reads' : 'read'} from ${from}, and will show nothing after the rename`;
  return [{ kind: 'queries that fail', blocks: false, measure: () => Promise.resolve({ message }) }];
}

export const renameCollections = eachPending<'collection.name'>(async (session, _name, { from, to }) => {
  if (from !== undefined && to !== undefined) await rename(session, from, to);
});
