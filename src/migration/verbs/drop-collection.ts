import { change, inverse } from '../../schema';
import type { SchemaStep } from '../types';

/**
 * Drops a collection for good. What it is made of is written out, in the steps that would make it, so that going down can
 * make it again, empty: `dropCollection('drafts', { reason: '…', was: [createCollections('drafts'), createIndexes(…)] })`.
 * One that holds documents is refused unless the run is allowed to lose them by the migration's name.
 * @throws Error when no reason is given, or a step is about another collection.
 */
export function dropCollection(
  collection: string,
  { reason, was }: { reason: string; was: readonly SchemaStep[] },
): SchemaStep {
  if (reason.trim() === '') throw new Error(`Say why ${collection} is dropped: { reason: '…' }.`);
  const made = was.flatMap(({ changes }) => changes);
  const stranger = made.find(({ at }) => at[0] !== collection);
  if (stranger)
    throw new Error(`dropCollection('${collection}') is told of ${stranger.at.join('.')}, of another collection.`);
  if (!made.some(({ at }) => at[1] === 'options')) {
    throw new Error(`dropCollection('${collection}') is not told how it was made: start with createCollections.`);
  }
  return {
    describe: [`drop the collection ${collection}: ${reason}`],
    changes: inverse(made).map(({ at, from, to }) => change(at, from, to)),
    reason,
  };
}
