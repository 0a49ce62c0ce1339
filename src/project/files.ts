import { checksumOf, type Frozen } from './checksums';
import { isPlainFile } from './load';
import { migrationName } from '../migration/name';

/** The name and the checksum of a migration. With names and checksums, the history is checked before any migration is loaded. */
export interface MigrationText {
  readonly name: string;
  /** The sha256 (hex) of the migration's text. */
  readonly checksum: string;
  /**
   * Returns whether the migration is plain. The call loads the migration, so the function is called only if the changelog has a row for the
   * migration but the history has no event. The default is false.
   */
  readonly isPlain?: () => boolean;
}

/**
 * Returns the names and checksums of migrations, in the order of the paths, without loading them.
 * @param frozen returns the frozen migrations of the folder. The default reads frozen.json again for each compiled file.
 */
export function textsOf(paths: readonly string[], frozen?: () => Frozen): MigrationText[] {
  return paths.map((file) => ({
    name: migrationName(file),
    checksum: checksumOf(file, frozen),
    isPlain: () => isPlainFile(file),
  }));
}
