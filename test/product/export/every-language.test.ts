import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models, type CollectionName } from '../../../models';
import { runCommandLine } from '../../cli/command-line';
import { ProjectCopy } from '../../cli/project-copy';
import { schemaOf } from '../../models/judges';
import { drawnCases } from '../../python/cases';
import { temporaryFolder, usePython } from '../../python/python';
import { asRead, takenByServer } from '../../python/three-judges';
import { judgedByPython } from '../../python/verdicts';
import { useDatabase } from '../../support/database';
import { deployProduct } from '../../support/product';
import { seed } from '../../support/seed';

usePython();

describe('A change of the schema', () => {
  let checkout: ProjectCopy;
  beforeAll(async () => {
    checkout = await ProjectCopy.make();
  });
  afterAll(() => checkout.remove());

  const validator = (mood: string, required: string) =>
    `{ validator: { $jsonSchema: { bsonType: 'object', required: [${required}], properties: { mood: { bsonType: 'string', enum: [${mood}] }, at: { bsonType: 'date' } } } } }`;
  const before = validator("'good'", "'mood'");
  const addMigration = (time: string, steps: string) =>
    checkout.write(
      `migrations/${time}-notes.ts`,
      `import { addValidator, changeValidator, createCollections, migration, renameCollection } from '../src/migration';\nexport default migration(__filename, ${steps});\n`,
    );
  const read = {
    'JSON Schema': () => checkout.read('schema', 'json-schema', 'export_notes.schema.json'),
    Python: () => checkout.read('python', 'src', 'sentimatrix_schema', 'models.py'),
    TypeScript: () => checkout.read('schema', 'typescript', 'documents.ts'),
  };
  const snapshot = async () => {
    const { exitCode, stderr } = await checkout.schema(['snapshot']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  };

  it('shows up in every language by `snapshot` alone, and `snapshot --check` misses it until then', async () => {
    await addMigration(
      '20990101000000',
      `createCollections('export_notes'), addValidator('export_notes', ${before.slice(2, -2).replace('validator: ', '')})`,
    );
    await snapshot();
    expect(JSON.parse(await read['JSON Schema']())).toMatchObject({
      properties: { mood: { enum: ['good'] } },
      required: ['mood'],
    });
    expect(await read.Python()).toMatch(
      /mood: Annotated\[Literal\["good"\], _v.Choice\(\)\]\n {4}at: _v.Date \| MISSING/,
    );
    expect(await read.TypeScript()).toContain("  mood: 'good';\n  at?: Date;\n");

    const after = validator("'good', 'bad'", "'mood', 'at'");
    await addMigration('20990102000000', `changeValidator('export_notes', { from: ${before}, to: ${after} })`);
    const { exitCode, stdout } = await checkout.schema(['snapshot', '--check']);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^changed +schema\/json-schema\/export_notes.schema.json$/m);
    expect(stdout).toMatch(/^changed +schema\/typescript\/documents.ts$/m);
    expect(stdout).toMatch(/^changed +python\/src\/sentimatrix_schema\/models.py$/m);
    await snapshot();
    expect(JSON.parse(await read['JSON Schema']())).toMatchObject({
      properties: { mood: { enum: ['good', 'bad'] } },
      required: ['mood', 'at'],
    });
    expect(await read.Python()).toMatch(
      /mood: Annotated\[Literal\["good", "bad"\], _v.Choice\(\)\]\n {4}at: _v.Date\n/,
    );
    expect(await read.TypeScript()).toContain("  mood: 'good' | 'bad';\n  at: Date;\n");
  });

  it('that renames a collection renames its JSON Schema', async () => {
    await addMigration('20990103000000', "renameCollection('export_notes', 'export_memos')");
    await snapshot();
    await expect(read['JSON Schema']()).rejects.toThrow('ENOENT');
    expect(await checkout.read('schema', 'json-schema', 'export_memos.schema.json')).toContain('"mood"');
    expect(await checkout.schema(['snapshot', '--check'])).toMatchObject({ exitCode: 0 });
  });
});

describe('The exported models in Python', () => {
  const database = useDatabase();
  beforeAll(() => deployProduct(database));

  it('stand by themselves, and judge as the server does', async () => {
    const sources = await temporaryFolder();
    const folder = path.join(sources, 'sentimatrix_schema');
    await mkdir(folder);
    expect(await runCommandLine(['export', '--format', 'pydantic', '--out', folder])).toMatchObject({ exitCode: 0 });
    const [name] = Object.keys(models) as [CollectionName];
    const cases = drawnCases(name, await schemaOf(database.db, name), seed, { valid: 3, mixed: 5, eachAltered: 20 });
    const verdicts = await judgedByPython(cases, seed, sources);
    expect(asRead(cases, await takenByServer(database.db, cases), verdicts)).toEqual([]);
  });
});
