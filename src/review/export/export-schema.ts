import { readPoints, pointWords } from '../diff';
import { SchemaError } from '../../support/schema-error';
import { exportFormats, type ExportedFile, type ExportFormat, type ExportNames } from './formats';

export interface ExportOptions extends ExportNames {
  readonly format: ExportFormat;
  /** The folder of the migrations. */
  readonly folder: string;
  /** The last migration to include: its name, or a unique part of its name. The default is the newest migration. */
  readonly at?: string | undefined;
}

/** The schema in another language. */
export interface SchemaExport {
  /** The name of the last migration that is included; null if there is none. */
  readonly at: string | null;
  readonly files: readonly ExportedFile[];
}

/**
 * Returns the schema at a point of its history, as files in the language of an application. Needs no server.
 * @throws error with code `USAGE` for an unknown migration, `MODELS` for a validator that cannot be expressed in the language
 */
export async function exportSchema({
  format,
  folder,
  at = pointWords.head,
  ...names
}: ExportOptions): Promise<SchemaExport> {
  if (at === pointWords.live) {
    throw new SchemaError('USAGE', '`live` is not a migration', {
      fix: 'name a migration with --at: `schema status` lists them',
    });
  }
  const [point] = await readPoints([at], { folder });
  const { schema, migrations = [] } = point ?? { schema: {} };
  return { at: migrations.at(-1)?.name ?? null, files: exportFormats[format].files({ schema, migrations, ...names }) };
}
