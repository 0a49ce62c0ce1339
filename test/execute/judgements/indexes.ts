import { Decimal128, Long, MaxKey, MinKey, type Document } from 'mongodb';
import { lookBefore } from '../../../src/execute';
import { createCollections, createIndexes, type IndexDefinition } from '../../../src/migration';
import { defaultIndexName, Draft, fold, type Change } from '../../../src/schema';
import { errorCodeOf } from '../../../src/support/error-codes';
import { drawFrom, type Draw } from './draw';
import { german } from '../../support/collations';
import type { TestDatabase } from '../../support/database';

export interface Compared {
  built: number;
  duplicates: number;
  /** Refused for another reason than duplicates. */
  unindexable: number;
  notDetermined: number;
  readonly wrong: string[];
}

const inFlight = 8;
/** So many sets of documents are tried with each index: what takes time is to build one. */
const setsOfIndex = 10;

/** Draws documents and index definitions, and compares what the preflight says of each with what the server does. */
export async function compareIndexes({ client, name }: TestDatabase, cases: number, seed: number): Promise<Compared> {
  const db = client.db(name, { writeConcern: { w: 1, journal: false } });
  const draw = drawFrom(seed);
  const drawn: { readonly index: Document; readonly change: Change<'index'>; readonly sets: readonly Document[][] }[] =
    [];
  while (drawn.length * setsOfIndex < cases) {
    const index = drawIndex(draw);
    const change = changeFor(`c${drawn.length % inFlight}`, index);
    if (change)
      drawn.push({ index, change, sets: Array.from({ length: setsOfIndex }, () => drawDocuments(draw, index)) });
  }
  const result: Compared = { built: 0, duplicates: 0, unindexable: 0, notDetermined: 0, wrong: [] };
  const work = async (lane: number) => {
    // What an index refuses of documents, it refuses when they are inserted as well as when it is built.
    const [things, indexed] = [await db.createCollection(`c${lane}`), await db.createCollection(`indexed${lane}`)];
    const draft = new Draft(fold(createCollections(`c${lane}`).changes));
    const compare = async (index: Document, change: Change<'index'>, documents: Document[]) => {
      await Promise.all([things.deleteMany({}), indexed.deleteMany({})]);
      await things.insertMany(documents);
      const findings = (await lookBefore(db, change, { draft, removed: [] })).filter(
        ({ kind }) => kind !== 'index build',
      );
      const refusal = await indexed.insertMany(documents).then(
        () => undefined,
        (error: unknown) => error as { readonly code?: number; readonly message: string },
      );
      const said = findings.map(({ message, samples }) => `${message} ${samples.join(' ')}`).join('; ') || 'nothing';
      const isUndetermined = findings.some(({ message }) => message.startsWith('not determined'));
      const blocks = findings.some((finding) => finding.blocks);
      const isDuplicate = refusal?.code === 11000;
      if (isUndetermined && !blocks) result.notDetermined += 1;
      else {
        const meansDuplicates = findings.some(({ kind }) => kind === 'duplicates');
        const isRight = blocks === (refusal !== undefined) && (!blocks || !isDuplicate || meansDuplicates);
        if (!isRight)
          result.wrong.push(
            `${show(index)} over ${show(documents)}: the server says ${refusal ? `${refusal.code} ${refusal.message.slice(0, 250)}` : 'nothing'}, the preflight ${said}`,
          );
        else if (!refusal) result.built += 1;
        else if (isDuplicate) result.duplicates += 1;
        else result.unindexable += 1;
      }
    };
    for (const { index, change, sets } of drawn.filter((_, at) => at % inFlight === lane)) {
      const { key, ...options } = index;
      await indexed.deleteMany({});
      const name = await indexed.createIndex(key as Record<string, 1>, { name: 'drawn', ...options }, {});
      for (const documents of sets) await compare(index, change, documents);
      await indexed.dropIndex(name);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => work(lane)));
  return result;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'number' && Object.is(inner, -0) ? '-0' : inner,
  );
}

/** Undefined for what the verb refuses. */
function changeFor(collection: string, index: Document): Change<'index'> | undefined {
  try {
    const definition = { ...index, name: defaultIndexName(index['key'] as Record<string, 1>), serves: 'a test' };
    const [change] = createIndexes(collection, [definition as unknown as IndexDefinition]).changes;
    return change as Change<'index'>;
  } catch (error) {
    if (errorCodeOf(error) === 'MIGRATION') return undefined;
    throw error;
  }
}

const paths = ['a', 'b', 'a.b', 'a.c', 'a.0', 'a.1', 'a.b.c', 'a.0.b', 'a.b.0', 'a.0.0', 'b.c', 'a.b.1.c', 'c'];

function drawIndex(draw: Draw): Document {
  const kind = draw.below(20);
  if (kind === 0) return { key: withOthers(draw, draw.one(['a', 'a.b', 'b.c']), 'hashed') };
  if (kind === 1) {
    const override = draw.rarely(3) ? { language_override: 'c' } : {};
    const partial = draw.rarely(4) ? { partialFilterExpression: { b: { $exists: true } } } : {};
    const field = draw.rarely(3) ? '$**' : draw.one(['a', 'a.b', 'a.b.c', 'b']);
    return { key: withOthers(draw, field, 'text'), ...override, ...partial };
  }
  if (kind <= 3) {
    const unique = draw.rarely(6) ? { unique: true } : {};
    return { key: withOthers(draw, draw.one(['a', 'a.b', 'a.b.c']), '2dsphere'), ...unique };
  }
  if (kind === 4) {
    const bounds = draw.rarely(3) ? { min: draw.one([-1, 0, 0.5]), max: draw.one([1, 45, 179.5]) } : {};
    return { key: { [draw.one(['a', 'a.b', 'a.b.c'])]: '2d', ...(draw.rarely(3) && { c: 1 }) }, ...bounds };
  }
  const key: Record<string, number> = {};
  do key[draw.one(paths)] = draw.one([1, -1]);
  while (draw.rarely(2));
  return {
    key,
    ...(!draw.rarely(4) && { unique: true }),
    ...(draw.rarely(5) && { sparse: true }),
    ...(draw.rarely(8) && {
      partialFilterExpression: draw.one([{ c: { $exists: true } }, { a: { $gt: 1 } }, { b: { $in: ['x', 1] } }]),
    }),
    ...(draw.rarely(6) && {
      collation: draw.one([
        { ...german, strength: 2 },
        { ...german, strength: 1 },
      ]),
    }),
  };
}

function withOthers(draw: Draw, field: string, kind: string): Record<string, unknown> {
  const other = draw.rarely(3) ? { [draw.one(paths.filter((path) => path !== field))]: 1 } : {};
  return draw.rarely(2) ? { ...other, [field]: kind } : { [field]: kind, ...other };
}

function drawDocuments(draw: Draw, { key }: Document): Document[] {
  const isGeo = Object.values(key as object).some((kind) => kind === '2dsphere' || kind === '2d');
  const isText = Object.values(key as object).includes('text');
  const fields = ['a', 'b', 'c', ...(isText ? ['language'] : [])];
  const drawValue = (depth: number): unknown => {
    const shape = draw.below(10);
    if (isGeo && shape < 6) return drawGeometry(draw);
    if (shape < 3 && depth < 4) return draw.some(3, () => drawValue(depth + 1));
    if (shape < 6 && depth < 4) return drawObject(depth + 1);
    return draw.one(values);
  };
  const drawObject = (depth: number): Document => {
    const object: Document = {};
    for (const field of [...fields, ...(draw.rarely(4) ? ['0'] : [])]) {
      if (draw.rarely(2)) continue;
      object[field] = field === 'language' ? draw.one(languages) : drawValue(depth);
    }
    return object;
  };
  const documents = Array.from({ length: 1 + draw.below(3) }, (_, _id) => ({ ...drawObject(0), _id }));
  return documents;
}

const languages = ['english', 'EN', 'none', 'klingon', 'german', 5, null, ['english'], '', 'english '];

const values = [
  1,
  2,
  1.5,
  -0,
  0,
  Number.NaN,
  Long.fromNumber(1),
  Decimal128.fromString('1'),
  Decimal128.fromString('1.0'),
  'x',
  'X',
  'ä',
  '',
  null,
  true,
  false,
  new Date(0),
  new MinKey(),
  new MaxKey(),
  /x/,
];

function drawGeometry(draw: Draw): unknown {
  const point = () => [draw.one([0, 1, 179, -180, 181]), draw.one([0, 1, 45, 90, -91])];
  const ring = [
    [0, 0],
    [0, 1],
    [1, 1],
    [0, 0],
  ];
  return draw.one([
    () => point(),
    () => ({ type: 'Point', coordinates: point() }),
    () => ({ type: 'Point', coordinates: [0, 0] }),
    () => ({ x: draw.below(3), y: 1 }),
    () => ({ lng: 1, lat: draw.one([1, 95]) }),
    () => ({ type: 'LineString', coordinates: draw.some(3, point) }),
    () => ({ type: 'Polygon', coordinates: [ring] }),
    () => ({ type: 'Polygon', coordinates: [ring.slice(1)] }),
    () => ({ type: 'MultiPoint', coordinates: draw.some(2, point) }),
    () => ({ type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: point() }] }),
    () => ({ type: 'Nonsense', coordinates: point() }),
    () => [
      [0, 0],
      [1, 1],
    ],
    () => [{ type: 'Point', coordinates: [0, 0] }],
    () => ({ type: 'Point' }),
    () => [draw.one(values), draw.one(values)],
    () => draw.some(2, () => draw.some(2, () => draw.one([1, 45.5, 200, 'x', []]))),
    () => ({}),
    () => [],
    () => null,
    () => 'here',
    () => [0],
    () => [0, 0, 7],
  ])();
}
