import path from 'node:path';
import type { Migration } from '../migration';
import { canonicalJson, type Schema } from '../schema';
import { errorsPage } from './errors-page';
import { lintPage } from './lint';
import { schemaPage, type Relation } from './markdown';
import { exportFormats, leftOver, type ExportedFile, type ExportFormat, type ExportNames } from './export';
import { pythonModels } from './python/models-file';

/** The schema that the migrations lead to, in its folder. */
export const schemaFile = 'schema.json';

/** A committed file that is generated, and never written by hand. */
export interface GeneratedFile {
  readonly file: string;
  /** Its path from the project's folder, with slashes: `schema/schema.json`. */
  readonly name: string;
  /**
   * Its text, given the text that is committed: a file may keep what people wrote around a generated part. Undefined when it has to go,
   * since what it was generated from is gone.
   */
  readonly text: (committed: string | undefined) => string | undefined;
}

/** What files are generated from. */
export interface Sources {
  readonly migrations: readonly Migration[];
  /** The schema that the migrations lead to. */
  readonly schema: Schema;
  /** Which document refers to which. */
  readonly relations: readonly Relation[];
  /** What the files in other languages are written with; none are written unless given. */
  readonly languages?: ExportNames | undefined;
}

/** Every file that is generated; `snapshot` writes them, `snapshot --check` compares them. */
export function generatedFiles(
  { migrations, schema, relations, languages }: Sources,
  folders: { readonly project: string; readonly schema: string; readonly docs?: string },
): readonly GeneratedFile[] {
  const { project, docs } = folders;
  const generated = (folder: string, name: string, text: GeneratedFile['text']): GeneratedFile => {
    const file = path.join(folder, name);
    return { file, name: path.relative(project, file).replaceAll(path.sep, '/'), text };
  };
  /** An export into a folder of schema/, which has no file of an earlier one. */
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
    // As the pages, they are the tool's own: another project's migrations lead to none.
    ...(docs === undefined || !languages ? [] : inLanguages(languages)),
    generated(folders.schema, 'SCHEMA.md', () => schemaPage(migrations, relations, schema)),
  ];
}
