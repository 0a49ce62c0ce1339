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

/** The names and the folder that an export needs in addition to the schema. */
export interface ExportNames {
  /** Returns the name of the type for a document of a collection: `users` → `User`. */
  readonly typeName: (collection: string) => string;
  /** The namespace of the URNs that identify JSON Schemas: `sentimatrix-studio`. */
  readonly urn: string;
  /** The folder of the Python package, which contains the code that the models use. */
  readonly python: string;
}

/** The sources of an export. */
export interface ExportSources extends ExportNames {
  readonly schema: Schema;
  /** The migrations that are included. */
  readonly migrations: readonly Pick<Migration, 'name'>[];
}

export interface ExportedFile {
  readonly name: string;
  readonly text: string;
}

export interface ExportFormatRule {
  /** Returns the files of an export. */
  readonly files: (sources: ExportSources) => readonly ExportedFile[];
  /** Returns whether a file with this name may belong to an earlier export in this format. */
  readonly isNamedLikeOurs: (name: string) => boolean;
}

/** Files with the code that the Python models use, and with the codec for dates in PyMongo. They are hand-written and copied unchanged. */
const runtime = ['values.py', 'documents.py', 'bson_equality.py', 'codec.py'];
const typesFile = 'documents.ts';
const jsonSchemaEnding = '.schema.json';

/** The formats of an export: the languages of applications. */
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
    throw new SchemaError('USAGE', 'The Python models need files that are not here', {
      why: error instanceof Error ? error.message : String(error),
      fix: 'export them from a checkout of the repository',
      cause: error,
    });
  }
}

/** Returns one file for each collection with a validator. */
function jsonSchemas({ schema, typeName, urn }: ExportSources): ExportedFile[] {
  return ofEachValidator(schema, 'JSON Schema', (shape) => ({
    // A collection name may contain characters that a file name cannot contain.
    name: `${encodeURIComponent(shape.collection)}${jsonSchemaEnding}`,
    text: jsonSchemaText(shape, { type: typeName(shape.collection), urn }),
  }));
}
