import { Decimal128, Long, type Document } from 'mongodb';
import { lookBefore } from '../../../src/execute';
import { addValidator, createCollections } from '../../../src/migration';
import { Draft, fold, type Change } from '../../../src/schema';
import { errorCodeOf } from '../../../src/support/error-codes';
import type { TestDatabase } from '../../support/database';
import { drawFrom, type Draw } from './draw';

export interface ComparedValidators {
  accepted: number;
  refused: number;
  /** Validators that end with an error for a document. */
  failed: number;
  readonly wrong: string[];
}

const documentsOfValidator = 10;
const inFlight = 4;

/** Draws documents and validators, and compares what the preflight says of each with what the server does with them. */
export async function compareValidators(
  { client, name }: TestDatabase,
  cases: number,
  seed: number,
): Promise<ComparedValidators> {
  const db = client.db(name, { writeConcern: { w: 1, journal: false } });
  const draw = drawFrom(seed);
  const drawn: { readonly validator: Document; readonly documents: readonly Document[] }[] = [];
  while (drawn.length * documentsOfValidator < cases) {
    const validator = drawFilter(draw, 0);
    if (changeFor('drawn', validator))
      drawn.push({
        validator,
        documents: Array.from({ length: documentsOfValidator }, (_, at) => drawDocument(draw, at)),
      });
  }
  const result: ComparedValidators = { accepted: 0, refused: 0, failed: 0, wrong: [] };
  const work = async (lane: number) => {
    const [open, closed] = [`open${lane}`, `closed${lane}`];
    await Promise.all([db.createCollection(open), db.createCollection(closed)]);
    const draft = new Draft(fold(createCollections(open).changes));
    for (const { validator, documents } of drawn.filter((_, at) => at % inFlight === lane)) {
      const change = changeFor(open, validator);
      if (!change) continue;
      await db.collection(open).deleteMany({});
      await db.collection(closed).deleteMany({});
      await db.command({ collMod: closed, validator });
      await db.collection(open).insertMany([...documents]);
      const verdicts = await Promise.all(
        documents.map((document) =>
          db
            .collection(closed)
            .insertOne(document)
            .then(
              () => 'accepted' as const,
              () => 'refused' as const,
            ),
        ),
      );
      const [finding] = await lookBefore(db, change, { draft, removed: [] });
      const refusedIds = documents.filter((_, at) => verdicts[at] === 'refused').map(({ _id }) => String(_id));
      const refused = refusedIds.length;
      // The server refuses a document for which the validator fails. The preflight names one of those, and counts no others.
      const hasFailed = finding?.message.includes('cannot be applied') ?? false;
      const isRight = hasFailed
        ? finding?.blocks === true && refusedIds.includes(finding.samples[0] ?? '')
        : (finding?.count ?? 0) === refused && (finding?.blocks ?? false) === refused > 0;
      if (hasFailed) result.failed += 1;
      if (!isRight)
        result.wrong.push(
          `${JSON.stringify(validator)}: the server refuses ${refusedIds.join(', ')}; the preflight says ${finding ? finding.message : 'nothing'} ${finding?.samples.join(', ')}; ${JSON.stringify(documents)}`,
        );
      for (const verdict of verdicts) result[verdict] += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => work(lane)));
  return result;
}

/** Undefined for what the verb refuses. */
function changeFor(collection: string, validator: Document): Change<'validator'> | undefined {
  try {
    return addValidator(collection, validator).changes[0] as Change<'validator'>;
  } catch (error) {
    if (errorCodeOf(error) === 'MIGRATION') return undefined;
    throw error;
  }
}

const fields = ['a', 'b', 'a.b'];
const types = ['string', 'int', 'double', 'number', 'object', 'array', 'null', 'bool', 'date'];

function drawFilter(draw: Draw, depth: number): Document {
  switch (draw.below(depth < 2 ? 9 : 5)) {
    case 0:
      return { [draw.one(fields)]: draw.one(values) };
    case 1:
      return { [draw.one(fields)]: { [draw.one(['$gt', '$lte', '$ne', '$eq'])]: draw.one(values) } };
    case 2:
      return { [draw.one(fields)]: { $type: draw.one(types) } };
    case 3:
      return { [draw.one(fields)]: { [draw.one(['$in', '$nin'])]: [draw.one(values), draw.one(values)] } };
    case 4:
      return { [draw.one(fields)]: { $exists: draw.rarely(2) } };
    case 5:
      return { [draw.one(['$and', '$or', '$nor'])]: [drawFilter(draw, depth + 1), drawFilter(draw, depth + 1)] };
    case 6:
      return { $expr: drawExpression(draw) };
    default:
      return { $jsonSchema: drawSchema(draw, 0) };
  }
}

function drawExpression(draw: Draw): Document {
  const field = `$${draw.one(fields)}`;
  return draw.one<() => Document>([
    () => ({ $gt: [{ $divide: [6, field] }, 1] }),
    () => ({ $gt: [{ $toInt: field }, 1] }),
    () => ({ $eq: [{ $toDate: field }, null] }),
    () => ({ $eq: [{ $size: field }, 1] }),
    () => ({ $lt: [field, draw.below(3)] }),
    () => ({ $gt: [{ $strLenCP: field }, 1] }),
    () => ({ $ne: [{ $mod: [field, 2] }, 1] }),
  ])();
}

export function drawSchema(draw: Draw, depth: number): Document {
  const names = ['a', 'b', 'c'];
  const schema: Document = {};
  if (draw.rarely(3)) schema['required'] = [draw.one(names)];
  if (draw.rarely(3) && depth > 0) schema['bsonType'] = draw.rarely(2) ? draw.one(types) : [draw.one(types), 'string'];
  if (draw.rarely(4)) schema[draw.one(['minimum', 'maximum'])] = draw.below(3);
  if (draw.rarely(5))
    schema[draw.one(['minLength', 'maxLength', 'minProperties', 'maxProperties', 'minItems', 'maxItems'])] =
      1 + draw.below(3);
  if (draw.rarely(5) && depth > 0) schema['enum'] = draw.one([['1', 1], ['1'], [1, 2], ['x', null], [1]]);
  if (depth < 2 && !draw.rarely(3)) {
    const properties = Object.fromEntries(draw.some(3, () => [draw.one(names), drawSchema(draw, depth + 1)]));
    schema['properties'] = depth === 0 && draw.rarely(2) ? { _id: {}, ...properties } : properties;
  }
  if (depth < 2 && draw.rarely(5))
    schema['patternProperties'] = { [draw.one(['^a', 'b', '^[bc]$'])]: drawSchema(draw, depth + 1) };
  if (depth < 2 && draw.rarely(3) && (depth > 0 || '_id' in ((schema['properties'] as object | undefined) ?? {})))
    schema['additionalProperties'] = draw.rarely(3) ? drawSchema(draw, depth + 1) : false;
  if (depth < 2 && draw.rarely(8))
    schema[draw.one(['anyOf', 'allOf', 'oneOf'])] = [drawSchema(draw, depth + 1), drawSchema(draw, depth + 1)];
  if (depth < 2 && draw.rarely(10)) schema['not'] = drawSchema(draw, depth + 1);
  if (depth < 2 && draw.rarely(8)) schema['items'] = drawSchema(draw, depth + 1);
  return schema;
}

const values = [
  0,
  1,
  2,
  1.5,
  Long.fromNumber(1),
  Decimal128.fromString('1'),
  'x',
  '1',
  'ab',
  '',
  null,
  true,
  new Date(0),
  Number.NaN,
];

export function drawDocument(draw: Draw, _id: number): Document {
  const drawObject = (depth: number): Document =>
    Object.fromEntries(['a', 'b', 'c'].flatMap((name) => (draw.rarely(3) ? [] : [[name, drawValue(depth + 1)]])));
  const drawValue = (depth: number): unknown => {
    const shape = draw.below(6);
    if (shape === 0 && depth < 3) return drawObject(depth);
    if (shape === 1 && depth < 3) return draw.some(3, () => drawValue(depth + 1));
    return draw.one(values);
  };
  return { _id, ...drawObject(0) };
}
