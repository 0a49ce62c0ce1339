import { namesUsedBy, type Change, type Kind, type Place, type Schema } from '../../schema';
import { count } from '../explain';
import type { Relation } from '../markdown';

const mostNodes = 40;
const mostLines = 6;

/**
 * Returns the changes as a mermaid flow chart: each changed collection and view, what a view reads from, and the references between
 * documents. Empty when nothing changes.
 */
export function diagramOf(changes: readonly Change[], after: Schema, relations: readonly Relation[]): string[] {
  const changed = [...new Set(changes.map(({ place }) => place.collection))];
  if (changed.length === 0) return [];
  const edges = [...edgesOfViews(changed, after), ...edgesOf(relations, changed, after)];
  const names = [...new Set([...changed, ...edges.map(({ to }) => to)])];
  const shown = names.slice(0, mostNodes);
  const id = (name: string) => `n${shown.indexOf(name)}`;
  return [
    'flowchart LR',
    ...shown.map((name) => `  ${id(name)}["${linesOf(name, changes).join('<br>')}"]:::${stateOf(name, changes)}`),
    ...edges
      .filter(({ from, to }) => shown.includes(from) && shown.includes(to))
      .map(({ from, to, by }) => `  ${id(from)} -- "${literal(by)}" --> ${id(to)}`),
    ...(names.length > shown.length ? [`  more["and ${names.length - shown.length} more"]:::same`] : []),
    ...styles,
  ];
}

const styles = [
  '  classDef created fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  '  classDef changed fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  '  classDef dropped fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4',
  '  classDef same fill:#f6f8fa,stroke:#8c959f,color:#1f2328',
];

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly by: string;
}

function edgesOfViews(names: readonly string[], schema: Schema): Edge[] {
  return names.flatMap((name) => {
    const contents = Object.hasOwn(schema, name) ? schema[name] : undefined;
    return contents ? namesUsedBy(contents).map((source) => ({ from: name, to: source, by: 'reads' })) : [];
  });
}

function edgesOf(relations: readonly Relation[], names: readonly string[], schema: Schema): Edge[] {
  return relations
    .map(({ from, to }) => ({ from: from.slice(0, from.indexOf('.')), to, by: from.slice(from.indexOf('.') + 1) }))
    .filter(({ from, to }) => names.includes(from) && [from, to].every((name) => Object.hasOwn(schema, name)));
}

function stateOf(name: string, changes: readonly Change[]): 'created' | 'changed' | 'dropped' | 'same' {
  const mine = changes.filter(({ place }) => place.collection === name);
  if (mine.length === 0) return 'same';
  const own = mine.filter(({ kind }) => kind === 'collection' || kind === 'view');
  if (own.some(({ from, to }) => from === undefined && to !== undefined)) return 'created';
  return own.some(({ to }) => to === undefined) ? 'dropped' : 'changed';
}

/** Returns the lines of a node: its name, then its changes. */
function linesOf(name: string, changes: readonly Change[]): string[] {
  const mine = changes.filter(({ place }) => place.collection === name);
  const rows = mine.filter(({ kind }) => kind === 'document').length;
  const lines = [
    ...mine.flatMap((change) => lineOf(change) ?? []),
    ...(rows === 0 ? [] : [count(rows, 'reference document')]),
  ];
  const more = lines.length > mostLines ? [`… ${lines.length - mostLines} more`] : [];
  return [literal(name), ...[...lines.slice(0, mostLines), ...more].map(literal)];
}

/** Returns the label of a change in the node of its collection; undefined when the node itself shows the change. */
const labels: { readonly [K in Kind]: (place: Place<K>) => string | undefined } = {
  collection: () => undefined,
  'collection.name': ({ collection }) => `name, was ${collection}`,
  validator: () => 'validator',
  index: ({ name }) => `index ${name}`,
  'index.expireAfterSeconds': ({ name }) => `TTL of ${name}`,
  'index.hidden': ({ name }) => `${name}, hidden or shown`,
  'index.unique': ({ name }) => `${name}, unique or not`,
  document: () => undefined,
  view: () => undefined,
};

function lineOf<K extends Kind>({ kind, place, from, to }: Change<K>): string | undefined {
  const label = labels[kind](place);
  const sign = from === undefined ? '+' : to === undefined ? '−' : '~';
  return label && `${kind.startsWith('index.') ? '~' : sign} ${label}`;
}

/** Escapes a text for mermaid, which reads `#34;` as a character. */
function literal(text: string): string {
  return text.replaceAll(/[^\w .,:…−+~-]/gu, (character) => `#${character.codePointAt(0) ?? 32};`);
}
