import type { Migration } from '../migration';
import { canonicalJson, type Schema } from '../schema';
import { lintPage } from './lint';
import { schemaPage, type Relation } from './markdown';

/** A committed file that is generated, and never written by hand. */
export interface GeneratedFile {
  /** Its path from the project's folder: `schema/schema.json`. */
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
}

/** Every file that is generated; `snapshot` writes them, `snapshot --check` compares them. */
export function generatedFiles({ migrations, schema, relations }: Sources): readonly GeneratedFile[] {
  return [
    { name: 'schema/schema.json', text: () => canonicalJson(schema) },
    { name: 'docs/lint.md', text: lintPage },
    { name: 'schema/SCHEMA.md', text: () => schemaPage(migrations, relations, schema) },
  ];
}
