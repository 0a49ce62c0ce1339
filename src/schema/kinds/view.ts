import type { Draft } from '../draft';
import { relaxed } from '../plain';
import type { View } from '../schema';
import { sortNames } from '../sorting';
import { hasSameCollation, namesReadBy } from '../view';
import { sameText, type Rules } from './rules';

/** Returns a view in a form for comparison. In a pipeline, the order of names and the types of numbers matter. */
function exact({ viewOn, pipeline, collation }: View): View {
  return { viewOn, pipeline, ...(collation && { collation: sortNames(collation) }) };
}

export const view: Rules<'view'> = {
  within: 'view',
  find: (contents) => contents.view,
  entries: (name, contents) => (contents.view ? [{ place: { collection: name }, value: contents.view }] : []),
  part: (contents, convert) => (contents.view ? { view: convert(contents.view) } : {}),
  set: (draft, { collection: name }, value) => {
    if (value === undefined) draft.remove(name);
    else if (draft.find(name)) draft.existing(name).view = value;
    else draft.add(name, { view: value });
  },

  canonical: (value) => relaxed(exact(value)),
  equals: (one, other) => sameText(exact(one), exact(other)),

  wire: (place) => [place.collection, 'view'],
  fromWire: (at) => {
    const [name, part] = at;
    return at.length === 2 && name !== undefined && part === 'view' ? { collection: name } : undefined;
  },
  describe: (place) => `view ${place.collection}`,
  inWords: () => undefined,

  uses: namesReadBy,
  missing: () => undefined,
  refusal: (draft, _place, value) => value && collationProblem(draft, value),
};

/** The server refuses a view that reads from a view with another collation. A view may read from a collection with any collation. */
function collationProblem(draft: Draft, value: View): string | undefined {
  const other = namesReadBy(value).find((name) => {
    const found = draft.get({ kind: 'view', place: { collection: name } });
    return found && !hasSameCollation(found, value);
  });
  return other === undefined
    ? undefined
    : `the view reads from the view ${other}, which has another collation; give both views the same collation`;
}
