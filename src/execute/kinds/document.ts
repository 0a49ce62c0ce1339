import { documentId, equal, fromPlain, plainOfBytes, rules, type Change, type DocumentId } from '../../schema';
import { bytesOf, exactDocument } from '../../support/exact-bson';
import { write, type Session } from '../session';
import { allPending, describeMissing, type Execution, type JudgedChange, type Look, type Outcome } from './execution';

export const document: Execution<'document'> = {
  action: ({ from, to }) => {
    if (from === undefined) return 'insertDocument';
    return to === undefined ? 'removeDocument' : 'updateDocument';
  },
  reads: ({ key }) => ({ document: key }),
  isHalfDone: () => false,
  holdsNeitherSide: () => false,
  keepsEdited: true,
  isInOrder: false,
  obstacle: ({ place }, draft) => describeMissing(rules.document.missing(draft, place)),
  remedy: () => 'somebody edited this row: save it under another _id, or put it back as it was shipped',
  looks: ({ place, from, to }, { draft }) => {
    const found = draft.get({ kind: 'document', place });
    if (equal('document', found, from)) return [];
    if (!found) return [edited('somebody removed this row, so it does not come back')];
    if (from === undefined) return [edited('another row has this _id, so that one stays')];
    return [
      edited(
        to === undefined
          ? 'somebody edited this row: it stays, unless the migration may lose documents'
          : 'somebody edited this row, so it stays as it is',
      ),
    ];
  },
};

function edited(message: string): Look {
  return { kind: 'edited row', blocks: false, measure: () => Promise.resolve({ message }) };
}

export const insertDocuments = allPending<'document'>(async (session, collection, changes) => {
  const documents = changes.map(({ to = {} }) => fromPlain(to));
  await write(session, { insert: collection, documents });
  return changes.map(() => 'done' as const);
});

/** Changes rows that are still as they were shipped. One that changes between the look and the update stays. */
export const updateDocuments = allPending<'document'>(async (session, collection, changes) => {
  const outcomes: Outcome[] = [];
  for (const change of changes) {
    const { unchanged } = await lookAt(session, collection, change);
    if (!unchanged) {
      outcomes.push('kept');
      continue;
    }
    // As a literal: the names of a row may begin with a dollar sign.
    const becomes = [{ $replaceWith: { $literal: fromPlain(change.to ?? {}) } }];
    const { n } = await write(session, { update: collection, updates: [{ q: unchanged, u: becomes }] });
    outcomes.push(n === 1 ? 'done' : 'kept');
  }
  return outcomes;
});

/**
 * Removes rows that are still as they were shipped, and edited ones too where the run may lose documents. One that changes
 * between the look and the deletion stays.
 */
export async function removeDocuments(
  session: Session,
  collection: string,
  judged: readonly JudgedChange<'document'>[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { change, verdict } of judged) {
    const isLeft = verdict === 'already' || (verdict === 'kept' && !session.allowDataLoss);
    outcomes.push(isLeft ? verdict : await removeDocument(session, collection, change));
  }
  return outcomes;
}

async function removeDocument(session: Session, collection: string, change: Change<'document'>): Promise<Outcome> {
  const { isThere, unchanged } = await lookAt(session, collection, change);
  const q = session.allowDataLoss ? { _id: documentId(change.place.key) } : unchanged;
  if (!isThere || !q) return isThere ? 'kept' : 'already';
  const { n } = await write(session, { delete: collection, deletes: [{ q, limit: 1 }] });
  return n === 1 ? 'done' : 'kept';
}

/** Whether a row is there, and a filter that matches it as long as it is as it was shipped; undefined when it is not. */
async function lookAt({ db }: Session, collection: string, { place, from }: Change<'document'>) {
  const _id = documentId(place.key);
  const rows = db.collection<{ _id: DocumentId }>(collection);
  const raw = await rows.findOne({ _id }, { readPreference: 'primary', raw: true });
  const found = raw && exactDocument(bytesOf(raw));
  if (!raw || !found || !equal('document', plainOfBytes(bytesOf(raw)), from)) return { isThere: raw !== null };
  // Compared by the server in the very write: an edit that comes first wins. The order of fields makes no difference: the
  // server keeps _id first, and JavaScript a field whose name is a number.
  const fields = [{ $objectToArray: '$$ROOT' }, { $objectToArray: { $literal: found.value } }];
  return { isThere: true, unchanged: { _id, $expr: { $setEquals: fields } } };
}
