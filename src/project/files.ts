import { checksumOf, type Frozen } from './checksums';
import { isPlainFile } from './load';
import { migrationName } from '../migration/name';

/** The name and text of a migration. The history is checked with these before a migration is loaded. */
export interface MigrationText {
  readonly name: string;
  /** sha256 (hex) of its text. */
  readonly checksum: string;
  /**
   * Returns whether it is a plain migration. This loads the migration, so it is called only for a row in the changelog that has
   * no event. The default is false.
   */
  readonly isPlain?: () => boolean;
}

/**
 * Returns the names and checksums of migrations, in the order of the paths, without loading them.
 * @param frozen returns the frozen migrations of their folder. The default reads them anew for each compiled file.
 */
export function textsOf(paths: readonly string[], frozen?: () => Frozen): MigrationText[] {
  return paths.map((file) => ({
    name: migrationName(file),
    checksum: checksumOf(file, frozen),
    isPlain: () => isPlainFile(file),
  }));
}
