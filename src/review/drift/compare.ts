import type { Migration } from '../../migration';
import { overlaps, type LiveSchema, type Place, type Schema } from '../../schema';
import {
  closedCollection,
  compareDocuments,
  compareOptions,
  compareValidator,
  extraCollection,
  missingCollection,
  notACollection,
} from './collections';
import { severityOf, type Finding, type PlacedFinding } from './findings';
import { compareIndexes } from './indexes';

/** Everything in which a live schema differs from what the migrations lead to, in both directions, by name. */
export function findDrift(
  expected: Schema,
  { schema, others, closed }: LiveSchema,
  applied: readonly Pick<Migration, 'name' | 'changes'>[] = [],
): Finding[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(schema), ...others.keys()])].sort();
  const findings = names.flatMap((name): PlacedFinding[] => {
    const [should, is, other] = [own(expected, name), own(schema, name), others.get(name)];
    if (!should) return is ? [extraCollection(name, is)] : [notACollection(name, other ?? 'unknown')];
    if (!is) return [missingCollection(name, should, other)];
    return [
      ...(closed.has(name) ? [closedCollection(name)] : []),
      ...compareOptions(name, should.options, is.options),
      ...compareValidator(name, should.validator, is.validator),
      ...compareIndexes(name, should.indexes, is.indexes),
      ...compareDocuments(name, should.documents, is.documents),
    ];
  });
  return findings.map(({ at, ...finding }) => {
    const migration = finding.expected === undefined || at.length < 2 ? undefined : makerOf(at as Place, applied);
    return { severity: severityOf(finding.kind), ...finding, ...(migration !== undefined && { migration }) };
  });
}

/** The newest of the migrations that changed a place. */
function makerOf(at: Place, applied: readonly Pick<Migration, 'name' | 'changes'>[]): string | undefined {
  return applied.findLast(({ changes }) => changes.some((change) => overlaps(change.at, at)))?.name;
}

/** A record's own value: a collection may be called `constructor`. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
