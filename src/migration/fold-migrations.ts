import { fold, type Change, type Schema } from '../schema';
import type { Migration } from './types';

/**
 * The schema that migrations lead to.
 * @throws Error with code `FOLD` naming the migration that does not fit the ones before it.
 */
export function foldMigrations(migrations: readonly Pick<Migration, 'name' | 'changes'>[]): Schema {
  try {
    return fold(migrations.flatMap(({ changes }) => changes));
  } catch (error) {
    const { change, message, code } = error as { change?: Change; message: string; code?: unknown };
    const culprit = migrations.find(({ changes }) => change && changes.includes(change));
    if (!culprit) throw error;
    throw Object.assign(new Error(`${culprit.name}: ${message}`, { cause: error }), { code });
  }
}
