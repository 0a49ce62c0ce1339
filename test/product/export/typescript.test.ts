import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { CollectionName, NewDocument, StoredDocument } from '../../../models';
import type { NewDocuments, StoredDocuments } from '../../../schema/typescript/documents';
import { exportFormats } from '../../../src/review';
import { projectFolder } from '../../support/project-folder';
import { temporaryFolder } from '../../python/python';
import { constructs } from './json-schemas';

type ByModels = { [Name in CollectionName]: StoredDocument<Name> };
type NewByModels = { [Name in CollectionName]: NewDocument<Name> };
type Exported = Pick<StoredDocuments, CollectionName>;
type NewExported = Pick<NewDocuments, CollectionName>;

/** What the compiler says of the exported types, read by a strict project that checks the types of the driver too. */
async function problems(text: string): Promise<string> {
  const folder = await temporaryFolder();
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'NodeNext',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
    typeRoots: [path.join(projectFolder, 'node_modules', '@types')],
    paths: { mongodb: [path.join(projectFolder, 'node_modules', 'mongodb')] },
  };
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['documents.ts'] }));
  await writeFile(path.join(folder, 'documents.ts'), text);
  const tsc = path.join(projectFolder, 'node_modules', '.bin', 'tsc');
  return (await execa(tsc, ['-p', folder], { reject: false })).stdout;
}

describe('The exported types', () => {
  // Checked by the compiler, as `npm run check` runs it: the test fails when it does not compile.
  it('are those of the models, both ways', () => {
    expectTypeOf<Exported>().toExtend<ByModels>();
    expectTypeOf<ByModels>().toExtend<Exported>();
    expectTypeOf<NewExported>().toExtend<NewByModels>();
    expectTypeOf<NewByModels>().toExtend<NewExported>();
    // An optional field that one side lacks would let both be assigned.
    expectTypeOf<Exported>().toEqualTypeOf<ByModels>();
  });

  it('compile where everything is checked, with every construct that there is', async () => {
    const text = exportFormats.typescript.files(constructs)[0]?.text ?? '';
    expect(text).toContain("import type { Double, Long, ObjectId } from 'mongodb';");
    expect(await problems(text)).toBe('');
    expect(await problems(`${text}\nexport const wrong: Construct = {};\n`)).toContain('error TS2739');
  });
});
