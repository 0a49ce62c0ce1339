import { documentId, equal, fromPlain, plainOfBytes, rules, type DocumentId } from '../../schema';
import { bytesOf, exactDocument } from '../../support/exact-bson';
import { write } from '../session';
import { allPending, describeMissing, type Execution, type Outcome } from './execution';

export const document: Execution<'document'> = {
  action: ({ from, to }) => {
    if (from !== undefined && to !== undefined) return undefined;
    return to === undefined ? 'removeDocument' : 'insertDocument';
  },
  reads: ({ key }) => ({ document: key }),
  isHalfDone: () => false,
  holdsNeitherSide: () => false,
  keepsEdited: true,
  isInOrder: false,
  obstacle: ({ place }, draft) => describeMissing(rules.document.missing(draft, place)),
  remedy: () => 'somebody edited this row: save it under another _id, or put it back as it was shipped',
  looks: () => [],
};

export const insertDocuments = allPending<'document'>(async (session, collection, changes) => {
  const documents = changes.map(({ to = {} }) => fromPlain(to));
  await write(session, { insert: collection, documents });
  return changes.map(() => 'done' as const);
});

/** Removes rows that are still as they were inserted. One that changes between the look and the deletion stays. */
export const removeDocuments = allPending<'document'>(async (session, collection, changes) => {
  const outcomes: Outcome[] = [];
  for (const { place, from } of changes) {
    const _id = documentId(place.key);
    const rows = session.db.collection<{ _id: DocumentId }>(collection);
    const raw = await rows.findOne({ _id }, { readPreference: 'primary', raw: true });
    const found = raw && exactDocument(bytesOf(raw));
    if (!raw || !found || !equal('document', plainOfBytes(bytesOf(raw)), from)) {
      outcomes.push(raw ? 'kept' : 'already');
      continue;
    }
    // Compared by the server in the very deletion: an edit that comes first wins. The order of fields makes no difference: the
    // server keeps _id first, and JavaScript a field whose name is a number.
    const fields = [{ $objectToArray: '$$ROOT' }, { $objectToArray: { $literal: found.value } }];
    const unchanged = { _id, $expr: { $setEquals: fields } };
    const { n } = await write(session, { delete: collection, deletes: [{ q: unchanged, limit: 1 }] });
    outcomes.push(n === 1 ? 'done' : 'kept');
  }
  return outcomes;
});
