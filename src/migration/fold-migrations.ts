import { emptySchema, foldWhole, type Change, type Schema } from '../schema';
import { isPlain, type Migration } from './types';
import { because } from '../support/schema-error';

/** The properties of a migration that the fold reads. The steps show which migrations are plain (without verbs): these are skipped. */
type Foldable = Pick<Migration, 'name' | 'changes'> & Partial<Pick<Migration, 'steps'>>;

/**
 * Returns the schema that the migrations create.
 * @throws error with code `FOLD` that names the migration which does not fit the earlier ones
 */
export function foldMigrations(migrations: readonly Foldable[]): Schema {
  try {
    return groupsOf(migrations).reduce((schema, changes) => foldWhole(changes, schema), emptySchema);
  } catch (error) {
    const { change } = error as { change?: Change };
    const culprit = migrations.find(({ changes }) => change && changes.includes(change));
    if (!culprit) throw error;
    const plain = migrations.slice(0, migrations.indexOf(culprit)).filter(({ steps }) => steps && isPlain({ steps }));
    throw because(error, `${culprit.name} does not fit the migrations before it`, {
      ...(plain.length > 0 && { fix: declareFirst(plain) }),
    });
  }
}

/** Groups the changes of migrations for `foldWhole`. A migration that renames a collection has its own group. */
function groupsOf(migrations: readonly Foldable[]): (readonly Change[])[] {
  const groups: Change[][] = [];
  let isApart = true;
  for (const { changes } of migrations) {
    const renames = changes.some(({ kind }) => kind === 'collection.name');
    const last = groups.at(-1);
    if (last && !isApart && !renames) last.push(...changes);
    else groups.push([...changes]);
    isApart = renames;
  }
  return groups;
}

/** Explains the error that projects with plain migrations usually see first when they start to use this tool. */
function declareFirst(plain: readonly Foldable[]): string {
  const whose = plain.length === 1 ? (plain[0]?.name ?? '') : `one of the ${plain.length} plain migrations`;
  return `if ${whose} made what is missing, declare that in an earlier migration, exactly as it exists now, with createCollections, addValidator or createIndexes: a deploy finds it in the database and skips it (docs/moving-in.md)`;
}
