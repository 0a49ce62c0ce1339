import path from 'node:path';
import type { Migration } from '../migration';
import { canonicalJson, type Schema } from '../schema';
import { errorsPage } from './errors-page';
import { lintPage } from './lint';
import { schemaPage, type Relation } from './markdown';
import { exportFormats, leftOver, type ExportedFile, type ExportFormat, type ExportNames } from './export';
import { pythonModels } from './python/models-file';

/** The file with the schema that the migrations create. */
export const schemaFile = 'schema.json';

/** A generated file that is committed, and never edited by hand. */
export interface GeneratedFile {
  readonly file: string;
  /** The path of the file relative to the project's folder, with slashes: `schema/schema.json`. */
  readonly name: string;
  /**
   * Returns the new text of the file. The committed text is needed because a file may contain hand-written text around a generated part.
   * Returns undefined when the file must be removed, because its source no longer exists.
   */
  readonly text: (committed: string | undefined) => string | undefined;
}

/** The sources of generated files. */
export interface Sources {
  readonly migrations: readonly Migration[];
  /** The schema that the migrations create. */
  readonly schema: Schema;
  /** The references between documents. */
  readonly relations: readonly Relation[];
  /** The names for the files in other languages. Without these names, such files are not written. */
  readonly languages?: ExportNames | undefined;
}

/** Returns every generated file. `snapshot` writes these files, and `snapshot --check` compares them with the committed ones. */
export function generatedFiles(
  { migrations, schema, relations, languages }: Sources,
  folders: { readonly project: string; readonly schema: string; readonly docs?: string },
): readonly GeneratedFile[] {
  const { project, docs } = folders;
  const generated = (folder: string, name: string, text: GeneratedFile['text']): GeneratedFile => {
    const file = path.join(folder, name);
    return { file, name: path.relative(project, file).replaceAll(path.sep, '/'), text };
  };
  /** Returns the files of an export in a folder of schema/, and the files of an earlier export, which are removed. */
  const exported = (format: ExportFormat, folder: string, files: readonly ExportedFile[]): GeneratedFile[] => {
    const to = path.join(folders.schema, folder);
    const removed = leftOver(to, files, exportFormats[format]);
    return [
      ...files.map(({ name, text }) => generated(to, name, () => text)),
      ...removed.map((name) => generated(to, name, () => undefined)),
    ];
  };
  const inLanguages = (names: NonNullable<Sources['languages']>): GeneratedFile[] => {
    const sources = { schema, migrations, ...names };
    return [
      generated(names.python, 'models.py', () => pythonModels(sources, names.typeName)),
      ...(['json-schema', 'typescript'] as const).flatMap((format) =>
        exported(format, format, exportFormats[format].files(sources)),
      ),
    ];
  };
  return [
    generated(folders.schema, schemaFile, () => canonicalJson(schema)),
    ...(docs === undefined ? [] : [generated(docs, 'errors.md', errorsPage), generated(docs, 'lint.md', lintPage)]),
    // Like the pages in docs/, these files are written only for the tool itself, not for other projects.
    ...(docs === undefined || !languages ? [] : inLanguages(languages)),
    generated(folders.schema, 'SCHEMA.md', () => schemaPage(migrations, relations, schema)),
  ];
}
