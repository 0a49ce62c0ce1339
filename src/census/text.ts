import { documents } from '../support/counts';
import type { Census, CollectionCensus } from './census';
import type { CensusChange } from './compare';
import type { SeenField } from './fields';
import { inPercent } from './share';

/** So many lines of a kind are printed: documents that are used as maps have thousands of fields. */
const mostLines = 20;

/** A census for people: what differs from what is declared, by collection. */
export function describeCensus({ collections }: Census): string[] {
  return Object.entries(collections).flatMap(([name, one]) => {
    const findings = findingsOf(one);
    const looked = one.sampled >= one.documents ? 'all looked at' : `${one.sampled.toLocaleString('en')} looked at`;
    const head = `${name}: ${documents(one.documents)}, ${looked}`;
    return findings.length === 0 ? [`${head}; they are as declared`] : [head, ...findings.map((line) => `  ${line}`)];
  });
}

function findingsOf({ refused, undeclared, mixed, rare, outsideEnums }: CollectionCensus): string[] {
  return [
    ...(refused && refused.count > 0 ? [`refused     ${inPercent(refused)} of the documents, by the validator`] : []),
    ...some(
      outsideEnums.map(
        ({ path, values, documents: outside }) =>
          `enum        ${path}: ${inPercent(outside)} of the documents have none of its ${values} values`,
      ),
    ),
    ...some(undeclared.map((field) => `undeclared  ${field.path}: in ${inPercent(field.presence)}, ${typesOf(field)}`)),
    ...some(mixed.map((field) => `mixed       ${field.path}: ${typesOf(field)}`)),
    ...some(rare.map(({ path, presence }) => `rare        ${path}: in ${inPercent(presence)}`)),
  ];
}

function some(lines: readonly string[]): string[] {
  const more = lines.length - mostLines;
  return more > 0 ? [...lines.slice(0, mostLines), `… and ${more} more`] : [...lines];
}

function typesOf({ types }: SeenField): string {
  const all = Object.entries(types).toSorted(([, one], [, other]) => other.count - one.count);
  return all.map(([type, share]) => (all.length === 1 ? type : `${type} ${inPercent(share)}`)).join(', ');
}

/** One change in a line. */
export function describeCensusChange({ collection, what, before, now }: CensusChange): string {
  if (what === undefined) return `${collection}: came`;
  const [was, is] = [before, now].map((share) => (share ? inPercent(share) : 'none'));
  return `${collection}.${what}: ${was} → ${is}`;
}
