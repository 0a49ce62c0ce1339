import { readFileSync } from 'node:fs';
import { KnownTargets } from '../migration/known-targets';
import type { Migration } from '../migration/types';
import { placeOf } from '../support/error-place';
import { SchemaError } from '../support/schema-error';
import { checksumOf, type Frozen } from './checksums';

/**
 * Refuses data steps on collections and fields that earlier migrations do not mention. A step with a typo would do nothing, but would be
 * recorded as applied. Frozen migrations were checked before they were frozen, and can no longer be corrected, so they are accepted.
 * @throws error with code `FOLD` that names the file and the line.
 */
export function refuseUnknownTargets(migrations: readonly Migration[], frozen: Frozen): void {
  const targets = new KnownTargets();
  for (const migration of migrations) {
    const problem = targets.take(migration);
    if (!problem || frozen[migration.name]?.text === checksumOf(migration.file, () => frozen)) continue;
    throw new SchemaError('FOLD', `${migration.name} has a data step on an unknown collection or field`, {
      why: problem.why,
      fix: problem.fix,
      where: lineNaming(problem.quoted, migration.file),
    });
  }
}

function lineNaming(name: string, file: string): string {
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = lines.findIndex((line) => [`'${name}'`, `"${name}"`, `\`${name}\``].some((text) => line.includes(text)));
  return at === -1 ? placeOf(undefined, file) : `${placeOf(undefined, file)}:${at + 1}`;
}
