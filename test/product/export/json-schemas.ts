import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { exportFormats } from '../../../src/review';
import type { Schema } from '../../../src/schema';
import { collection, everyConstruct } from '../../python/constructs';
import { projectFolder } from '../../support/project-folder';
import { jsonSchemasOf, type JsonSchemas } from './judged-by-ajv';

/** Those of the product, as they are committed. */
export async function committedSchemas(): Promise<JsonSchemas> {
  const folder = path.join(projectFolder, 'schema', 'json-schema');
  const names = await readdir(folder);
  return jsonSchemasOf(
    await Promise.all(names.map(async (name) => ({ text: await readFile(path.join(folder, name), 'utf8') }))),
  );
}

const contents = { options: {}, indexes: {}, documents: {}, validator: { validator: { $jsonSchema: everyConstruct } } };

/** A schema with every construct that there is, to be exported. */
export const constructs = {
  schema: { [collection]: contents } as unknown as Schema,
  migrations: [],
  typeName: () => 'Construct',
  urn: 'test',
  python: '',
};

export function schemasOfConstructs(): JsonSchemas {
  return jsonSchemasOf(exportFormats['json-schema'].files(constructs));
}
