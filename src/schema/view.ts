import { deepFreeze } from './freeze';
import { canonicalCollation } from './index-rules';
import { isPlainObject, relaxed } from './plain';
import type { Plain, PlainObject, View } from './schema';
import { sortNames } from './sorting';

/** Returns a view in canonical form, from a migration or from `listCollections`. */
export function canonicalView(definition: PlainObject): View {
  const { viewOn, pipeline, collation } = { pipeline: [], ...definition } as unknown as View;
  const kept = collation && canonicalCollation(relaxed(collation));
  return deepFreeze<View>({ viewOn, pipeline, ...(kept && { collation: kept }) });
}

/** Returns whether two views compare text in the same way. The server can change everything in a view except its collation. */
export function hasSameCollation(one: Pick<View, 'collation'>, other: Pick<View, 'collation'>): boolean {
  const [a, b] = [one, other].map(({ collation = {} }) => JSON.stringify(sortNames(collation)));
  return a === b;
}

/** A stage of a pipeline: `['$match', { … }]`. */
type Stage = readonly [name: string, value: Plain];

/** Returns the stages of a pipeline, including the stages of pipelines inside these stages. */
export function stagesIn(pipeline: Plain | undefined): Stage[] {
  if (!isList(pipeline)) return [];
  return pipeline
    .filter(isPlainObject)
    .flatMap((stage) =>
      Object.entries(stage).flatMap(([name, value]): Stage[] => [[name, value], ...stagesBelow(name, value)]),
    );
}

function stagesBelow(name: string, value: Plain): Stage[] {
  if (!isPlainObject(value)) return [];
  if (name === '$facet') return Object.values(value).flatMap(stagesIn);
  return name === '$lookup' || name === '$unionWith' ? stagesIn(value['pipeline']) : [];
}

/** Returns the names that a view reads from: its source, and the collections and views that its stages join. */
export function namesReadBy({ viewOn, pipeline }: View): string[] {
  const joined = stagesIn(pipeline).flatMap(([name, value]) => {
    if (name === '$unionWith') return typeof value === 'string' ? [value] : textOf(value, 'coll');
    return name === '$lookup' || name === '$graphLookup' ? textOf(value, 'from') : [];
  });
  return [...new Set([viewOn, ...joined])];
}

function textOf(value: Plain, name: keyof PlainObject): string[] {
  const text = isPlainObject(value) ? value[name] : undefined;
  return typeof text === 'string' ? [text] : [];
}

function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}
