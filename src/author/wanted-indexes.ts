import { literal } from '../review/lint/literal';
import { formatted } from './format';
import type { IndexAdvice } from './index-advice';
import { textOf } from './text';

/** A missing index that would make slow queries faster. */
export interface MissingIndex {
  readonly collection: string;
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly serves: string;
}

/**
 * Returns a migration that creates missing indexes, or an empty list if there are none.
 * @param folder the folder with the migrations
 */
export async function adviseNewIndexes(wanted: readonly MissingIndex[], folder: string): Promise<IndexAdvice[]> {
  if (wanted.length === 0) return [];
  const collections = [...new Set(wanted.map(({ collection }) => collection))];
  const steps = collections.map((collection) => {
    const indexes = wanted
      .filter((one) => one.collection === collection)
      .map(({ name, key, serves }) => literal({ name, key, serves }));
    return `createIndexes(${literal(collection)}, [${indexes.join(', ')}])`;
  });
  const name = 'serve-slow-queries';
  const why = 'Queries that were found to be slow, and that no index serves.';
  const text = textOf(folder, { verbs: ['createIndexes'], why, steps });
  return [{ name, text: await formatted(`${folder}/${name}.ts`, text) }];
}
