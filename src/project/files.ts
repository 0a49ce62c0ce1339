import { checksumOf } from './checksums';
import { isPlainFile } from './load';
import { migrationName } from '../migration/name';

/** A migration of the project, as far as history needs to know it: it is judged before it is loaded. */
export interface MigrationText {
  readonly name: string;
  /** sha256 (hex) of its text. */
  readonly checksum: string;
  /**
   * Whether it is a plain migration. That loads it, and is asked where nothing else decides: of a row in the changelog of which
   * no event tells. Unless given, it is none.
   */
  readonly isPlain?: () => boolean;
}

/** The names and checksums of migrations, in the order of the paths, without loading any. */
export function textsOf(paths: readonly string[]): MigrationText[] {
  return paths.map((file) => ({
    name: migrationName(file),
    checksum: checksumOf(file),
    isPlain: () => isPlainFile(file),
  }));
}
