import path from 'node:path';
import { BSON, type Document } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { baseline, deploy, rollback } from '../../../src/deploy';
import { addValidator, createIndexes, insertDocuments } from '../../../src/migration';
import { comparePoints, drift, plan } from '../../../src/review';
import { bytesOf, elementsOf } from '../../../src/support/exact-bson';
import { useDatabase } from '../../support/database';
import { makeSmallProject, type SmallProject } from '../../support/small-project';
import { runInMongosh } from '../../support/mongosh';
import { ambiguous, refusedRows, siblings } from './value-cases';
import * as whole from './whole-values';

const database = useDatabase();
let project: SmallProject;

beforeAll(async () => {
  const steps = `...require(${JSON.stringify(path.join(__dirname, 'whole-values'))})`;
  project = await makeSmallProject({
    collections: `${steps}.stepsOfCollections()`,
    rows: `${steps}.stepsOfRows()`,
    filters: `${steps}.stepsOfFilters()`,
  });
});
afterAll(() => project.remove());

const target = () => ({ url: database.url, database: database.name, folder: project.folder });

/** The bytes of a value deep in a raw document. */
function inside(raw: Uint8Array | undefined, ...names: readonly string[]): Uint8Array | undefined {
  return names.reduce<Uint8Array | undefined>(
    (bytes, name) => bytes && elementsOf(bytes).find((element) => element.name === name)?.bytes,
    raw,
  );
}

/** Whether what the server has is, to the byte, what the driver alone would have sent. */
async function expectAsWritten() {
  const wrong: unknown[] = [];
  const compare = (where: string, written: Document, is: Uint8Array | undefined) => {
    const wanted = BSON.serialize(written);
    if (is === undefined || Buffer.compare(wanted, is) !== 0)
      wrong.push([
        where,
        written,
        is &&
          BSON.EJSON.stringify(BSON.deserialize(is, { promoteValues: false, bsonRegExp: true }), { relaxed: false }),
      ]);
  };
  for (const [name, rows] of [
    ['rows', whole.rows],
    ['rows_by_id', whole.rowsById],
  ] as const) {
    const found = await database.db.collection(name).find({}, { raw: true }).sort({ $natural: 1 }).toArray();
    for (const [at, row] of rows.entries()) compare(`${name} ${at}`, row, found[at] && bytesOf(found[at]));
  }
  const listed = await database.db.listCollections({}, { nameOnly: false, raw: true }).toArray();
  const byName = new Map(
    listed.map((raw) => [BSON.deserialize(bytesOf(raw), { bsonRegExp: true })['name'] as string, bytesOf(raw)]),
  );
  for (const [name, filter] of whole.validators)
    compare(name, filter, inside(byName.get(name), 'options', 'validator'));
  for (const [name, cases] of whole.schemas)
    compare(name, whole.schemaOf(cases), inside(byName.get(name), 'options', 'validator'));
  for (const [name, filter] of whole.filters) {
    const indexes = await database.db.collection(name).listIndexes({ raw: true }).toArray();
    compare(name, filter, inside(indexes.map((one: Document) => bytesOf(one))[1], 'partialFilterExpression'));
  }
  expect(wrong).toEqual([]);
}

const expectNoDrift = async () => {
  expect(await drift(target())).toMatchObject({ findings: [], drift: 0 });
};

it('Values, options and schemas go the whole way: as written to the byte, deployed again, compared, rolled back, adopted', async () => {
  const inFilters = whole.validators.length + whole.filters.length;
  const schemas = whole.schemas.flatMap(([, cases]) => cases);
  const verdicts = schemas.reduce((sum, [, takes, refuses]) => sum + takes.length + refuses.length, 0);
  console.log(
    `${whole.rows.length} values in rows and ${whole.rowsById.length} as _id; ${whole.filtered.length} of them in ${inFilters} validators and partial filters; ` +
      `${whole.options.length} collection options; ${schemas.length} schemas with ${verdicts} documents`,
  );
  expect(whole.rows.length).toBeGreaterThanOrEqual(700);
  expect(whole.filtered.length).toBeGreaterThanOrEqual(600);
  expect(whole.options.length).toBeGreaterThanOrEqual(110);
  expect(schemas.length).toBeGreaterThanOrEqual(190);

  expect((await deploy(target())).applied.map(({ name }) => name)).toEqual(project.names);
  await expectAsWritten();
  expect((await deploy({ ...target(), strict: true })).applied).toEqual([]);
  await expectNoDrift();
  await expectVerdicts();
  expect((await rollback({ ...target(), steps: 3 })).rolledBack).toHaveLength(3);
  const left = await database.db.listCollections({ name: /_\d+$|^rows/ }, { nameOnly: true }).toArray();
  expect(left).toEqual([]);

  await database.db.dropDatabase();
  const { stoppedAt, later = [] } = await baseline({ ...target(), dryRun: true });
  const differences = [stoppedAt, ...later].flatMap((one) => one?.differences ?? []);
  for (const command of differences.flatMap(({ commands }) => commands)) await runInMongosh(database.db, command);
  expect(await baseline({ ...target(), dryRun: true })).toMatchObject({ marked: project.names, extras: [] });

  await database.db.dropDatabase();
  await whole.makeByHand(database.db);
  expect(await baseline(target())).toMatchObject({ marked: project.names, extras: [] });
  expect((await deploy({ ...target(), strict: true })).applied).toEqual([]);
  await expectNoDrift();
  await expectAsWritten();
});

it('A value in place of its sibling is drift, and what is advised brings back what was', async () => {
  await whole.alterByHand(database.db);
  const { findings } = await drift(target());
  const places = findings.map(({ place }) => place).sort();
  const wanted = siblings.flatMap((_, at) => [`document ${at} of sibling_rows`, `validator of sibling_${at}`]);
  expect(places).toEqual(wanted.sort());
  for (const command of findings.flatMap(({ commands }) => commands)) await runInMongosh(database.db, command);
  await expectNoDrift();
});

it('A document that looks like a BSON type is refused in a filter', () => {
  for (const value of ambiguous) {
    expect(() => addValidator('a', { a: { $eq: value } })).toThrow(
      expect.objectContaining({ code: 'MIGRATION' }) as Error,
    );
    const filter = {
      name: 'a_1',
      key: { a: 1 },
      serves: 'a test',
      partialFilterExpression: { a: { $eq: value } },
    } as const;
    expect(() => createIndexes('a', [filter])).toThrow(expect.objectContaining({ code: 'MIGRATION' }) as Error);
  }
});

it('A row that the server would refuse, or store otherwise, is refused', () => {
  const taken = refusedRows.filter((row) => {
    try {
      return insertDocuments('a', [row]).changes.length > 0;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'MIGRATION') return false;
      throw error;
    }
  });
  expect(taken).toEqual([]);
});

it('Patterns that only the server can read end no command', async () => {
  await database.db.command({ create: 'strange', validator: { a: { $in: [new BSON.BSONRegExp('(?i)x++', 'x')] } } });
  await database.db.command({ create: 'odd', validator: { a: { $eq: { $numberLong: '5', x: new Map([['b', 1], ['1', 2]]) } } } }); // prettier-ignore
  expect(await plan(target())).toMatchObject({});
  expect((await deploy(target())).applied).toEqual([]);
  const { changes } = await comparePoints('head', 'live', { folder: project.folder, target: target() });
  expect(changes.map(({ at: [name] }) => name)).toEqual(['odd', 'odd', 'strange', 'strange']);
  const { findings } = await drift(target());
  expect(findings.map(({ place, kind }) => `${place}: ${kind}`)).toEqual(['collection odd: collection extra', 'collection strange: collection extra']); // prettier-ignore
});

/** What each schema takes and refuses, asked of the server as a deploy has made it. */
async function expectVerdicts() {
  const wrong: unknown[] = [];
  for (const [name, cases] of whole.schemas) {
    for (const [takes, list] of [
      [true, 1],
      [false, 2],
    ] as const) {
      const documents = cases.flatMap((one, at) => one[list].map((value) => ({ [`f${at}`]: value })));
      const reply = await database.db.command({ insert: name, documents, ordered: false });
      const refused = new Set(((reply['writeErrors'] ?? []) as { index: number }[]).map((error) => error.index));
      for (const [at, document] of documents.entries())
        if (refused.has(at) === takes)
          wrong.push([
            takes ? 'refused' : 'taken',
            document,
            cases[Number(/\d+/.exec(Object.keys(document)[0] ?? '')?.[0])]?.[0],
          ]);
    }
    await database.db.collection(name).deleteMany({});
  }
  expect(wrong).toEqual([]);
}
