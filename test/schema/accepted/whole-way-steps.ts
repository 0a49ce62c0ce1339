import type { Db } from 'mongodb';
import { createCollections, type SchemaStep } from '../../../src/migration';
import { validCollections } from './collection-cases';
import { validIndexes } from './index-cases';
import { ofCollections, ofIndexes, ofValidators, type Subject } from './subjects';
import { validValidators } from './validator-cases';

/** Some dozens of definitions that the server takes, each in a collection of its own. */
const indexes = some(validIndexes, 8);
const options = some(validCollections, 3);
const validators = some(validValidators, 10);

function some<C>(cases: readonly C[], every: number): readonly (readonly [name: string, definition: C])[] {
  return cases.filter((_, at) => at % every === 0).map((one, at) => [`sample_${cases.length}_${at}`, one]);
}

export const count = indexes.length + options.length + validators.length;

function stepOf<C>({ verb }: Subject<C>, [name, definition]: readonly [string, C]): SchemaStep {
  return { describe: [name], changes: verb(name, definition) };
}

/** What the first migration does: it makes the collections. */
export function stepsOfCollections(): SchemaStep[] {
  return [
    createCollections(...[...indexes, ...validators].map(([name]) => name)),
    ...options.map((one) => stepOf(ofCollections, one)),
  ];
}

/** What the second one does. */
export function stepsOfContents(): SchemaStep[] {
  return [...indexes.map((one) => stepOf(ofIndexes, one)), ...validators.map((one) => stepOf(ofValidators, one))];
}

/** The same by hand. */
export async function makeByHand(db: Db): Promise<void> {
  await Promise.all([
    ...indexes.map(([name, definition]) => ofIndexes.byHand(db, name, definition)),
    ...options.map(([name, definition]) => ofCollections.byHand(db, name, definition)),
    ...validators.map(([name, definition]) => ofValidators.byHand(db, name, definition)),
  ]);
}
