import { BSON, MongoServerError, type Document } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { sample } from '../support/samples';
import { usePython } from './python';
import { judgedByPython } from './verdicts';

usePython();
const database = useDatabase();
beforeAll(() => deployProduct(database));

/** A document with so many objects in one another. */
function nested(depth: number): Document {
  let details: Document = {};
  for (let made = 1; made < depth; made++) details = { more: details };
  return { ...sample('audit_logs'), details };
}

async function refusalOf(document: Document): Promise<string | undefined> {
  try {
    await database.db.collection('audit_logs').insertOne({ ...document });
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerError) return `${String(error.code)}: ${error.message}`;
    throw error;
  }
}

describe('Objects within objects', () => {
  it.each([
    [180, true],
    [181, false],
  ])('%i deep below a document are taken by the models in Python, and by the server: %s', async (depth, isTaken) => {
    const document = nested(depth);
    const [verdict] = await judgedByPython([{ collection: 'audit_logs', bytes: BSON.serialize(document) }], 1);
    expect(verdict).toMatchObject({ lossless: true, fresh: true });
    const refusal = await refusalOf(document);
    if (isTaken) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(/^15: .*exceeds 180 levels of nesting/);
  });
});
