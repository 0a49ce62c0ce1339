import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Migration } from '../../migration';
import type { Schema } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import { pythonModels } from '../python/models-file';
import { jsonSchemaText } from './json-schema';
import { mark } from './mark';
import { ofEachValidator } from './read-validators';
import { typeScriptTypes } from './typescript';

/** What an export has to know beside the schema. */
export interface ExportNames {
  /** What a type is called that holds one document of a collection: `users` → `User`. */
  readonly typeName: (collection: string) => string;
  /** The namespace of the URNs that identify JSON Schemas: `sentimatrix-studio`. */
  readonly urn: string;
  /** The folder of the package in Python, which holds what the models run by. */
  readonly python: string;
}

/** What an export is made of. */
export interface ExportSources extends ExportNames {
  readonly schema: Schema;
  /** The migrations that lead there. */
  readonly migrations: readonly Pick<Migration, 'name'>[];
}

export interface ExportedFile {
  readonly name: string;
  readonly text: string;
}

export interface ExportFormatRule {
  /** The files of an export. */
  readonly files: (sources: ExportSources) => readonly ExportedFile[];
  /** Whether a file may be one of an earlier export in this format, by its name. */
  readonly isNamedLikeOurs: (name: string) => boolean;
}

/** What the models in Python run by, and the codec by which PyMongo reads dates for them; written by hand, and copied as it is. */
const runtime = ['values.py', 'documents.py', 'bson_equality.py', 'codec.py'];
const typesFile = 'documents.ts';
const jsonSchemaEnding = '.schema.json';

/** The languages that the schema is written in for applications. */
export const exportFormats = {
  'json-schema': {
    files: jsonSchemas,
    isNamedLikeOurs: (name) => name.endsWith(jsonSchemaEnding),
  },
  pydantic: {
    files: (sources) => [
      { name: '__init__.py', text: about },
      { name: 'models.py', text: pythonModels(sources, sources.typeName) },
      ...runtime.map((name) => ({ name, text: `# ${mark}\n${runtimeText(sources.python, name)}` })),
    ],
    isNamedLikeOurs: (name) => name.endsWith('.py'),
  },
  typescript: {
    files: ({ schema, typeName }) => [{ name: typesFile, text: typeScriptTypes(schema, typeName) }],
    isNamedLikeOurs: (name) => name === typesFile,
  },
} as const satisfies Readonly<Record<string, ExportFormatRule>>;
export type ExportFormat = keyof typeof exportFormats;

const about = `"""The documents of each collection as Pydantic models, in models.py.

${mark}

Needs Python 3.11, pydantic 2.14 and pymongo 4.15, or later ones. Read documents with CODEC of codec.py, since
the models take dates with a time zone: db.get_collection(name, codec_options=CODEC).
"""
`;

function runtimeText(folder: string, name: string): string {
  try {
    return readFileSync(path.join(folder, name), 'utf8');
  } catch (error) {
    throw new SchemaError('USAGE', 'The models in Python run by files that are not here', {
      why: error instanceof Error ? error.message : String(error),
      fix: 'export them from a checkout of the repository',
      cause: error,
    });
  }
}

/** A file for each collection that has a validator. */
function jsonSchemas({ schema, typeName, urn }: ExportSources): ExportedFile[] {
  return ofEachValidator(schema, 'JSON Schema', (shape) => ({
    // A collection may have a name that no file has.
    name: `${encodeURIComponent(shape.collection)}${jsonSchemaEnding}`,
    text: jsonSchemaText(shape, { type: typeName(shape.collection), urn }),
  }));
}
