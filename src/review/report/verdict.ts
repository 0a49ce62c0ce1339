import { code, count } from '../explain';
import type { ReportData } from './data';

/** What a reviewer needs to know first. */
export interface ReportVerdict {
  readonly verdict: 'safe' | 'needs a look' | 'would fail';
  /** The reasons, each in a few words. */
  readonly reasons: readonly string[];
}

/**
 * Returns the verdict on a pull request. It is `would fail` when a check or a deploy ends with an error. It is `needs a look` when a
 * person must decide, because documents are written or deleted, a rule warns, or the result is unknown.
 */
export function verdictOn(data: ReportData): ReportVerdict {
  const failing = failures(data);
  if (failing.length > 0) return { verdict: 'would fail', reasons: failing };
  const doubtful = doubts(data);
  return doubtful.length > 0 ? { verdict: 'needs a look', reasons: doubtful } : { verdict: 'safe', reasons: [] };
}

function failures({ altered, removed, stale, lint, live }: ReportData): string[] {
  const stopped =
    live && 'pending' in live ? live.pending.filter(({ changes }) => changes.some(({ stops }) => stops)) : [];
  return [
    ...(altered.length > 0 ? [`${count(altered.length, 'merged migration')} altered`] : []),
    ...(removed.length > 0 ? [`${count(removed.length, 'merged migration')} removed`] : []),
    ...(stale.length > 0 ? ['the snapshot is out of date'] : []),
    ...(lint && lint.errors > 0 ? [count(lint.errors, 'lint error')] : []),
    ...(live && 'problem' in live ? [`there is no plan for ${live.server}`] : []),
    ...stopped.map(({ name }) => `the data on the server stops ${code(name)}`),
  ];
}

function doubts({ added, changes, lint }: ReportData): string[] {
  const warned = lint ? [...new Set([...lint.findings, ...lint.suppressed].map((finding) => finding.code))].sort() : [];
  const dropped = changes.filter(({ sign, place }) => sign === '-' && /^(?:collection|document) /.test(place));
  return [
    ...(warned.length > 0 ? [`lint: ${warned.join(', ')}`] : []),
    ...added
      .filter(({ isPlain }) => isPlain)
      .map(({ name }) => `${code(name)} is a plain migration: what it does is unknown`),
    ...added
      .filter(({ dataSteps, isPlain }) => dataSteps.length > 0 && !isPlain)
      .map(({ name }) => `${code(name)} writes documents`),
    ...added.filter(({ irreversible }) => irreversible.length > 0).map(({ name }) => `${code(name)} cannot be undone`),
    ...dropped.map(({ place }) => `drops ${code(place)}`),
    ...added
      .flatMap((one) => one.changes)
      .flatMap(({ place, losers = [] }) =>
        losers.length > 0 ? [`${losers.join(', ')} can no longer use ${code(place)}`] : [],
      ),
    ...added.flatMap(({ renames }) => renames.map(({ from, to }) => `renames ${code(from)} to ${code(to)}`)),
  ];
}
