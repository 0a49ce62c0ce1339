import { BSON, type Db, type Document } from 'mongodb';
import { models, newModels, type CollectionName } from '../../models';
import { acceptedOf } from '../models/judges';
import type { Drawn } from './cases';
import type { Verdict } from './verdicts';

/** A document that two judges say something else about. */
export interface Disagreement {
  readonly collection: string;
  readonly how: string;
  readonly document: string;
  readonly says: string;
}

/** For each case, whether a collection with the validator takes its document. */
export async function takenByServer(db: Db, cases: readonly Drawn[]): Promise<boolean[]> {
  return takenOf(
    db,
    cases.map(({ collection, document }) => ({ collection, document })),
  );
}

/** What Pydantic says of documents that were read, compared with the server. Those that PyMongo cannot read are passed by. */
export function asRead(cases: readonly Drawn[], taken: readonly boolean[], verdicts: readonly Verdict[]) {
  return cases.flatMap((one, at) => {
    const { lossless, stored, fresh, kept } = verdicts[at] ?? { lossless: false };
    if (!lossless) return [];
    const hasId = '_id' in one.document;
    return [
      ...(fresh === taken[at] ? [] : [disagreement(one, `server ${taken[at]}, Pydantic's new model ${fresh}`)]),
      ...(stored === (hasId && taken[at]) ? [] : [disagreement(one, `server ${taken[at]}, Pydantic ${stored}`)]),
      ...(kept === false ? [disagreement(one, 'the document that the model makes of it is another one')] : []),
    ];
  });
}

/** What Pydantic says of documents as applications build them, and what the server says of them and of what the model makes. */
export async function asBuilt(db: Db, cases: readonly Drawn[], verdicts: readonly Verdict[]) {
  const found: Disagreement[] = [];
  let count = 0;
  for (const which of ['built', 'dumped'] as const) {
    const made = cases.flatMap((one, at) => {
      const { [which]: bytes, takes } = verdicts[at] ?? { lossless: false };
      const { collection } = one;
      return bytes ? [{ one, collection, document: exactly(bytes), takes: which === 'dumped' || takes }] : [];
    });
    const taken = await takenOf(db, made);
    count += made.length;
    for (const [at, { one, takes }] of made.entries()) {
      if (takes !== taken[at]) found.push(disagreement(one, `${which}: server ${taken[at]}, Pydantic ${takes}`));
    }
  }
  return { count, found };
}

/** What zod says of documents as the driver reads them, compared with the server. */
export function byZod(cases: readonly Drawn[], taken: readonly boolean[]): Disagreement[] {
  return cases.flatMap((one, at) => {
    const name = one.collection as CollectionName;
    const read = BSON.deserialize(one.bytes);
    const fresh = newModels[name].safeParse(read).success;
    const stored = models[name].safeParse(read).success;
    const isAgreed = fresh === taken[at] && stored === ('_id' in one.document && taken[at]);
    return isAgreed ? [] : [disagreement(one, `server ${taken[at]}, zod's new model ${fresh}, zod ${stored}`)];
  });
}

function disagreement({ collection, how, document }: Drawn, says: string): Disagreement {
  return { collection, how, says, document: BSON.EJSON.stringify(document, { relaxed: false }).slice(0, 2_000) };
}

/** A document that the driver sends as these very bytes. */
function exactly(bytes: Uint8Array): Document {
  const options = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true };
  const document = BSON.deserialize(bytes, options);
  if (Buffer.compare(BSON.serialize(document), bytes) !== 0) throw new Error('a document cannot be sent as it is');
  return document;
}

let copies = 0;

async function takenOf(db: Db, cases: readonly { collection: string; document: Document }[]): Promise<boolean[]> {
  const taken: boolean[] = cases.map(() => false);
  for (const name of new Set(cases.map(({ collection }) => collection))) {
    const places = cases.flatMap(({ collection }, at) => (collection === name ? [at] : []));
    // Each document once more under an _id that another copy of it may have: a collection for each.
    const like = await collectionWithRules(db, name);
    const found = await acceptedOf(
      like,
      places.map((at) => ({ ...cases[at]?.document })),
    );
    for (const [index, at] of places.entries()) taken[at] = found[index] === true;
    await like.drop();
  }
  return taken;
}

async function collectionWithRules(db: Db, name: string) {
  const [found] = await db.listCollections({ name }, { nameOnly: false }).toArray();
  const { validator } = (found?.options ?? {}) as { validator?: Document };
  if (!validator) throw new Error(`${name} has no validator`);
  return db.createCollection(`judged_${copies++}_${name}`, { validator });
}
