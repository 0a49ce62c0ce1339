import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { exportFormats } from '../../../src/review';
import { projectFolder } from '../../support/project-folder';
import { temporaryFolder } from '../../python/python';
import { constructs } from './json-schemas';

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

it('The exported types compile where everything is checked, with every construct that there is', async () => {
  const text = exportFormats.typescript.files(constructs)[0]?.text ?? '';
  expect(text).toContain("import type { Double, Long, ObjectId } from 'mongodb';");
  expect(await problems(text)).toBe('');
  expect(await problems(`${text}\nexport const wrong: Construct = {};\n`)).toContain('error TS2739');
});
