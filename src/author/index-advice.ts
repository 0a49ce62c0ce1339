import { dropIndexes, foldMigrations, hideIndex, purposesOf, type IndexDefinition, type Migration } from '../migration';
import { find, type Place } from '../schema';
import { indexLiteral, literal } from '../review/lint/literal';
import { formatted } from './format';
import { isLiteral } from './is-literal';
import { textOf } from './text';

/** An index that seems to be unnecessary. */
export interface UnneededIndex extends Place<'index'> {
  readonly isHidden: boolean;
}

export interface IndexAdvice {
  /** A name for the migration: `new NAME` creates its file. */
  readonly name: string;
  /** The text of a migration, to copy. */
  readonly text: string;
}

/**
 * Suggests migrations that remove unneeded indexes. One migration hides the indexes. A later migration drops those that nobody has missed.
 * @param folder the folder of the migrations
 * @returns the advice, and the indexes that no migration has made
 */
export async function adviseOn(
  unneeded: readonly UnneededIndex[],
  migrations: readonly Migration[],
  folder: string,
): Promise<{ readonly advice: readonly IndexAdvice[]; readonly madeByHand: readonly UnneededIndex[] }> {
  const schema = foldMigrations(migrations);
  const purposes = purposesOf(migrations);
  const known = unneeded.flatMap((place) => {
    const index = find(schema, 'index', place);
    return index === undefined ? [] : [{ ...place, index, serves: purposes.get(`${place.collection}.${place.name}`) }];
  });
  const madeByHand = unneeded.filter((place) => find(schema, 'index', place) === undefined);
  const hides = known
    .filter(({ isHidden, index }) => !isHidden && index.hidden !== true)
    .map(({ collection, name }) => ({
      verb: 'hideIndex',
      text: `hideIndex(${literal(collection)}, ${literal(name)})`,
      step: hideIndex(collection, name),
    }));
  const drops = known
    .filter(({ isHidden, index }) => isHidden && isLiteral(index))
    .map(({ collection, name, index, serves }) => ({
      verb: 'dropIndexes',
      text: `dropIndexes(${literal(collection)}, [${indexLiteral(name, index, serves)}])`,
      step: dropIndexes(collection, [{ name, ...index, serves: serves ?? '…' } as IndexDefinition]),
    }));
  const advice = [
    {
      name: 'hide-unused-indexes',
      why: 'No query needs these indexes. A later migration drops them, if nobody misses them until then.',
      calls: hides,
    },
    { name: 'drop-hidden-indexes', why: 'These indexes were hidden, and nobody has missed them.', calls: drops },
  ].filter(({ calls }) => calls.length > 0);
  return {
    advice: await Promise.all(
      advice.map(async ({ name, why, calls }) => {
        const frame = { verbs: calls.map(({ verb }) => verb), why, steps: calls.map(({ text }) => text) };
        return { name, text: await formatted(`${folder}/${name}.ts`, textOf(folder, frame)) };
      }),
    ),
    madeByHand,
  };
}
