import path from 'node:path';
import type { Migration } from '../migration';
import { canonicalJson, type Schema } from '../schema';
import { errorsPage } from './errors-page';
import { lintPage } from './lint';
import { schemaPage, type Relation } from './markdown';
import { pythonModels, type PythonModels } from './python/models-file';

/** The schema that the migrations lead to, in its folder. */
export const schemaFile = 'schema.json';

/** A committed file that is generated, and never written by hand. */
export interface GeneratedFile {
  readonly file: string;
  /** Its path from the project's folder, with slashes: `schema/schema.json`. */
  readonly name: string;
  /** Its text, given the text that is committed: a file may keep what people wrote around a generated part. */
  readonly text: (committed: string | undefined) => string;
}

/** What files are generated from. */
export interface Sources {
  readonly migrations: readonly Migration[];
  /** The schema that the migrations lead to. */
  readonly schema: Schema;
  /** Which document refers to which. */
  readonly relations: readonly Relation[];
  /** What the models in Python are; none are written unless given. */
  readonly python?: PythonModels | undefined;
}

/** Every file that is generated; `snapshot` writes them, `snapshot --check` compares them. */
export function generatedFiles(
  { migrations, schema, relations, python }: Sources,
  folders: { readonly project: string; readonly schema: string; readonly docs?: string },
): readonly GeneratedFile[] {
  const { project, docs } = folders;
  const generated = (folder: string, name: string, text: GeneratedFile['text']): GeneratedFile => {
    const file = path.join(folder, name);
    return { file, name: path.relative(project, file).replaceAll(path.sep, '/'), text };
  };
  return [
    generated(folders.schema, schemaFile, () => canonicalJson(schema)),
    ...(docs === undefined ? [] : [generated(docs, 'errors.md', errorsPage), generated(docs, 'lint.md', lintPage)]),
    // As the pages, they are the tool's own: another project's migrations lead to none.
    ...(docs === undefined || !python
      ? []
      : [generated(project, python.file, () => pythonModels({ schema, migrations }, python))]),
    generated(folders.schema, 'SCHEMA.md', () => schemaPage(migrations, relations, schema)),
  ];
}
