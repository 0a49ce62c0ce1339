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
  remedy: () => 'this document was edited by hand: save it under another _id, or restore its original values',
  looks: ({ place, from, to }, { draft }) => {
    const found = draft.get({ kind: 'document', place });
    if (equal('document', found, from)) return [];
    if (!found) return [edited('this document was removed by hand, so it is not inserted again')];
    if (from === undefined) return [edited('another document has this _id, so that document stays')];
    return [
      edited(
        to === undefined
          ? 'this document was edited by hand: it stays, unless the migration is allowed to lose data'
          : 'this document was edited by hand, so it stays unchanged',
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

/** Changes documents that still have their original values. A document that somebody has edited is not overwritten. */
export const updateDocuments = allPending<'document'>(async (session, collection, changes) => {
  const outcomes: Outcome[] = [];
  for (const change of changes) {
    const { unchanged } = await lookAt(session, collection, change);
    if (!unchanged) {
      outcomes.push('kept');
      continue;
    }
    // The document is written as a literal, because its field names may begin with a dollar sign.
    const becomes = [{ $replaceWith: { $literal: fromPlain(change.to ?? {}) } }];
    const { n } = await write(session, { update: collection, updates: [{ q: unchanged, u: becomes }] });
    outcomes.push(n === 1 ? 'done' : 'kept');
  }
  return outcomes;
});

/**
 * Removes documents that still have their original values. If the run may lose data, also removes edited documents; otherwise, a document
 * that someone edits during this call is kept.
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

/**
 * Returns whether a document exists, and a filter that matches the document while it has its original values. The filter is undefined when
 * the document was edited.
 */
async function lookAt({ db }: Session, collection: string, { place, from }: Change<'document'>) {
  const _id = documentId(place.key);
  const rows = db.collection<{ _id: DocumentId }>(collection);
  const raw = await rows.findOne({ _id }, { readPreference: 'primary', raw: true });
  const found = raw && exactDocument(bytesOf(raw));
  if (!raw || !found || !equal('document', plainOfBytes(bytesOf(raw)), from)) return { isThere: raw !== null };
  // The server compares the document as a part of the write, so an edit that comes before the write is not overwritten. The order of fields
  // is ignored: the server stores _id first, and JavaScript puts numeric field names first.
  const fields = [{ $objectToArray: '$$ROOT' }, { $objectToArray: { $literal: found.value } }];
  return { isThere: true, unchanged: { _id, $expr: { $setEquals: fields } } };
}
