import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { emptyFrame, textOf } from '../../src/author/text';
import { productFolder } from '../support/product';

it('The sample that migrate-mongo copies is the frame that `schema new` writes where there is none', async () => {
  const sample = await readFile(path.join(productFolder, 'sample-migration.ts'), 'utf8');
  expect(textOf(productFolder, emptyFrame)).toBe(sample.replaceAll('\r\n', '\n'));
});
