import { documents } from '../support/counts';
import type { Census, CollectionCensus } from './census';
import type { CensusChange } from './compare';
import type { SeenField } from './fields';
import { inPercent } from './share';

/** How many lines of one kind are printed. Documents that are used as maps have thousands of fields. */
const mostLines = 20;

/** Describes a census for people: the differences from the declarations, by collection. */
export function describeCensus({ collections }: Census): string[] {
  return Object.entries(collections).flatMap(([name, one]) => {
    const findings = findingsOf(one);
    const looked =
      one.sampled >= one.documents ? 'all of them read' : `${one.sampled.toLocaleString('en')} of them read`;
    const head = `${name}: ${documents(one.documents)}, ${looked}`;
    return findings.length === 0
      ? [`${head}; they match the declarations`]
      : [head, ...findings.map((line) => `  ${line}`)];
  });
}

function findingsOf({ refused, undeclared, mixed, rare, outsideEnums }: CollectionCensus): string[] {
  return [
    ...(refused && refused.count > 0
      ? [`refused     ${inPercent(refused)} of the documents would be refused by the validator`]
      : []),
    ...some(
      outsideEnums.map(
        ({ path, values, documents: outside }) =>
          `enum        ${path}: in ${inPercent(outside)} of the documents, the value is not one of the ${values} allowed values`,
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

/** Describes one change in one line. */
export function describeCensusChange({ collection, what, before, now }: CensusChange): string {
  if (what === undefined) return `${collection}: new`;
  const [was, is] = [before, now].map((share) => (share ? inPercent(share) : 'none'));
  return `${collection}.${what}: ${was} → ${is}`;
}
