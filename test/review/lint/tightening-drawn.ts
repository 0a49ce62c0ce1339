import type { Document } from 'mongodb';
import { tightenings } from '../../../src/review/lint/tightening';
import type { PlainObject } from '../../../src/schema';
import { drawFrom, type Draw } from '../../execute/judgements/draw';
import type { TestDatabase } from '../../support/database';

export interface ComparedTightenings {
  /** Pairs of which the second refuses a document that the first accepts. */
  tightened: number;
  /** Pairs that are called tighter, while no document shows it. */
  withoutWitness: number;
  /** Those of them that let more documents in. */
  readonly looser: string[];
  /** Pairs that are not called tighter, and are not as far as the documents show. */
  notTightened: number;
  readonly missed: string[];
}

/** Draws pairs of validators, and compares what lint says of each with the documents that the server accepts before and after. */
export async function compareTightenings(
  { db }: TestDatabase,
  pairs: number,
  seed: number,
): Promise<ComparedTightenings> {
  const draw = drawFrom(seed);
  const documents = Array.from({ length: 400 }, (_, _id) => ({ _id, ...drawObject(draw, 0) }));
  await db.collection<{ _id: number }>('documents').insertMany(documents);
  const accepted = async (validator: Document) => {
    const ids = await db
      .collection<{ _id: number }>('documents')
      .find(validator, { projection: { _id: 1 } })
      .toArray();
    return new Set(ids.map(({ _id }) => _id));
  };
  const result: ComparedTightenings = { tightened: 0, withoutWitness: 0, looser: [], notTightened: 0, missed: [] };
  for (let pair = 0; pair < pairs; pair++) {
    const from = drawValidator(draw);
    const to = alter(draw, from);
    const [before, after] = await Promise.all([accepted(from), accepted(to)]);
    const witness = [...before].find((id) => !after.has(id));
    const found = tightenings({ validator: from }, { validator: to });
    const shown = `${JSON.stringify(from)} → ${JSON.stringify(to)}`;
    if (witness === undefined) {
      result[found.length > 0 ? 'withoutWitness' : 'notTightened'] += 1;
      if (found.length > 0 && after.size > before.size) result.looser.push(`${shown}: ${found[0]?.what ?? ''}`);
    } else if (found.length > 0) result.tightened += 1;
    else result.missed.push(`${shown}: ${JSON.stringify(documents[witness])}`);
  }
  return result;
}

const names = ['a', 'b', 'ab', 'c'];
const values = [0, 1, 2, 5, 1.5, -1, '', 'a', 'abc', '1', true, false, null];
const types = ['string', 'int', 'double', 'number', 'object', 'array', 'null', 'bool'];

function drawObject(draw: Draw, depth: number): Document {
  return Object.fromEntries(draw.some(3, () => [draw.one(names), drawValue(draw, depth + 1)]));
}

function drawValue(draw: Draw, depth: number): unknown {
  if (depth < 3 && draw.rarely(4)) return drawObject(draw, depth);
  if (depth < 3 && draw.rarely(5)) return draw.some(3, () => drawValue(draw, depth + 1));
  return draw.one(values);
}

function drawValidator(draw: Draw): PlainObject {
  const conditions = Object.fromEntries(draw.some(2, () => [draw.one(names), drawCondition(draw)]));
  return {
    ...(draw.rarely(3) && conditions),
    $jsonSchema: {
      ...drawSchema(draw, 0),
      ...(draw.rarely(3) && { properties: { _id: {}, ...drawProperties(draw, 1) } }),
    },
  };
}

function drawCondition(draw: Draw): PlainObject {
  return draw.one<() => PlainObject>([
    () => ({ $exists: draw.rarely(2) }),
    () => ({ [draw.one(['$gt', '$lte', '$ne'])]: draw.one(values) }),
    () => ({ $in: draw.some(3, () => draw.one(values)) }),
  ])();
}

function drawProperties(draw: Draw, depth: number): PlainObject {
  return Object.fromEntries(draw.some(3, () => [draw.one(names), drawSchema(draw, depth)]));
}

/** Each keyword with what draws a value for it. */
const keywords: Readonly<Record<string, (draw: Draw, depth: number) => PlainObject>> = {
  bsonType: (draw) => ({ bsonType: draw.rarely(2) ? draw.one(types) : distinct(draw, types) }),
  enum: (draw) => ({ enum: distinct(draw, values) }),
  required: (draw) => ({ required: distinct(draw, names) }),
  minimum: (draw) => ({ minimum: draw.below(3), ...(draw.rarely(3) && { exclusiveMinimum: draw.rarely(2) }) }),
  maximum: (draw) => ({ maximum: 1 + draw.below(4), ...(draw.rarely(3) && { exclusiveMaximum: draw.rarely(2) }) }),
  multipleOf: (draw) => ({ multipleOf: 1 + draw.below(3) }),
  minLength: (draw) => ({ minLength: draw.below(3) }),
  maxLength: (draw) => ({ maxLength: draw.below(4) }),
  pattern: (draw) => ({ pattern: draw.one(['^a', 'b', '^$']) }),
  minItems: (draw) => ({ minItems: draw.below(3) }),
  maxItems: (draw) => ({ maxItems: draw.below(3) }),
  uniqueItems: (draw) => ({ uniqueItems: draw.rarely(2) }),
  items: (draw, depth) => ({
    items: draw.rarely(3) ? [drawSchema(draw, depth + 1), drawSchema(draw, depth + 1)] : drawSchema(draw, depth + 1),
    ...(draw.rarely(3) && { additionalItems: draw.rarely(2) ? false : drawSchema(draw, depth + 1) }),
  }),
  minProperties: (draw) => ({ minProperties: draw.below(3) }),
  maxProperties: (draw) => ({ maxProperties: 1 + draw.below(3) }),
  properties: (draw, depth) => ({ properties: drawProperties(draw, depth + 1) }),
  patternProperties: (draw, depth) => ({
    patternProperties: { [draw.one(['^a', 'b$', '^_id$'])]: drawSchema(draw, depth + 1) },
  }),
  additionalProperties: (draw, depth) => ({
    additionalProperties: draw.one([true, false, drawSchema(draw, depth + 1)]),
  }),
  dependencies: (draw, depth) => ({
    dependencies: { [draw.one(names)]: draw.rarely(2) ? distinct(draw, names) : drawSchema(draw, depth + 1) },
  }),
  anyOf: (draw, depth) => ({ anyOf: [drawSchema(draw, depth + 1), drawSchema(draw, depth + 1)] }),
  not: (draw, depth) => ({ not: drawSchema(draw, depth + 1) }),
  description: (draw) => ({ description: draw.one(['one', 'another']) }),
};

function drawSchema(draw: Draw, depth: number): PlainObject {
  if (depth > 2) return {};
  return Object.assign({}, ...draw.some(3, () => drawKeyword(draw, depth))) as PlainObject;
}

function drawKeyword(draw: Draw, depth: number): PlainObject {
  return keywords[draw.one(Object.keys(keywords))]?.(draw, depth) ?? {};
}

function distinct<T>(draw: Draw, items: readonly T[]): T[] {
  return [...new Set([draw.one(items), ...draw.some(3, () => draw.one(items))])];
}

/** The same validator with one thing added, dropped or changed, at any depth. */
function alter(draw: Draw, validator: PlainObject): PlainObject {
  const { $jsonSchema: schema, ...conditions } = validator;
  if (draw.rarely(6)) {
    const [first] = Object.keys(conditions);
    const others = Object.entries(conditions).filter(([name]) => name !== first);
    const kept = draw.rarely(2)
      ? Object.fromEntries(others)
      : { ...conditions, [draw.one(names)]: drawCondition(draw) };
    return { ...kept, ...(schema !== undefined && { $jsonSchema: schema }) };
  }
  return { ...conditions, $jsonSchema: alterSchema(draw, schema as PlainObject, 0) };
}

function alterSchema(draw: Draw, schema: PlainObject, depth: number): PlainObject {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, PlainObject>);
  if (properties.length > 0 && !draw.rarely(3)) {
    const [name, inner] = draw.one(properties);
    const others = properties.filter(([other]) => other !== name);
    const changed = draw.rarely(4) ? [] : [[name, alterSchema(draw, inner, depth + 1)] as const];
    return { ...schema, properties: Object.fromEntries([...others, ...changed]) };
  }
  const there = Object.keys(schema);
  if (there.length > 0 && draw.rarely(3)) {
    const dropped = draw.one(there);
    const companion = { minimum: 'exclusiveMinimum', maximum: 'exclusiveMaximum', items: 'additionalItems' }[dropped];
    return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== dropped && name !== companion));
  }
  return { ...schema, ...drawKeyword(draw, depth) };
}
