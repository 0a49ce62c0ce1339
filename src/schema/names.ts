import type { Change, Kind, Location } from './change';
import type { Draft } from './draft';
import { isNamedKind, kinds, rules, type Entry } from './kinds/table';
import type { Contents } from './schema';
import { timeSeriesOf } from './time-series';

/** Returns why the collections and views of a schema prevent a change; undefined when they do not prevent it. */
export function nameProblem<K extends Kind>({ kind, place, to }: Change<K>, draft: Draft): string | undefined {
  const { collection: name } = place;
  if (to === undefined) {
    const users = isNamedKind(kind) ? readersOf(draft, name) : [];
    const [one, ...more] = users.map((user) => `the ${user}`);
    if (one === undefined) return undefined;
    return more.length === 0
      ? `${one} reads from ${name}; first drop ${one}, or change what ${one} reads from`
      : `${[one, ...more].join(', ')} read from ${name}; first drop them, or change what they read from`;
  }
  const taken = nameTaken({ kind, place }, draft);
  if (taken !== undefined) return `${taken}; choose another name, or drop it first`;
  const used = rules[kind].uses?.(to) ?? [];
  const unknown = used.filter((one) => one !== name && draft.kindOf(one) === undefined);
  if (unknown.length > 0) {
    return `the view reads from ${unknown.join(', ')}, which no migration makes; correct that name, or first create what it names`;
  }
  return used.some((one) => reaches(draft, one, name))
    ? `the view would read from itself, through ${used.join(', ')}`
    : undefined;
}

/** Explains that the name in a place already belongs to another kind, such as a view; undefined when this is not the case. */
export function nameTaken<K extends Kind>({ kind, place }: Location<K>, draft: Draft): string | undefined {
  const found = isNamedKind(kind) ? draft.kindOf(place.collection) : undefined;
  if (found === undefined || found === kind) return undefined;
  const isSeries = timeSeriesOf(draft.find(place.collection)?.options) !== undefined;
  return `a ${isSeries ? 'time series' : found} with that name exists`;
}

/** Returns the names of the collections and views that some contents, such as a view, read from. */
export function namesUsedBy(contents: Contents): readonly string[] {
  return kinds.flatMap((kind) => namesUsed(kind, rules[kind].entries('', contents)));
}

function namesUsed<K extends Kind>(kind: K, entries: readonly Entry<K>[]): readonly string[] {
  return entries.flatMap(({ value }) => rules[kind].uses?.(value) ?? []);
}

/** Describes the views that read from a name: `view open_orders`. */
export function readersOf(draft: Draft, name: string): string[] {
  return draft.names().flatMap((user) => {
    const contents = draft.find(user);
    return contents && namesUsedBy(contents).includes(name) ? [`${draft.kindOf(user) ?? ''} ${user}`] : [];
  });
}

/** Returns whether a name equals another name, or reads from that name directly or indirectly. */
function reaches(draft: Draft, from: string, to: string): boolean {
  if (from === to) return true;
  const contents = draft.find(from);
  return contents !== undefined && namesUsedBy(contents).some((next) => reaches(draft, next, to));
}
