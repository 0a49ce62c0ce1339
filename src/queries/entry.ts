import type { Document } from 'mongodb';
import { clientOptions } from '../database/client';
import { needsOf, type IndexNeeds } from './needs';
import { readPlanSummary, type PlanSummary } from './plan-summary';
import { readQuery, shapeOf, type QueryShape } from './query';
import { isPlain } from './redact';

/** One slow query, as the profile or the log tells of it, without its values. */
export interface SlowEntry {
  readonly collection: string;
  readonly shape: QueryShape;
  readonly needs: IndexNeeds;
  readonly milliseconds: number;
  /** Keys or documents, whichever are more. */
  readonly examined: number;
  /** Documents that were returned, changed or removed; absent where the server does not count them. */
  readonly returned?: number;
  readonly plan: PlanSummary;
  readonly at?: Date;
}

/** Why one is left out: another database, the server's or this tool's own, or no query of a collection. */
export type LeftOut = 'elsewhere' | 'own' | 'other';

export interface EntryOptions {
  readonly database: string;
  /** Whether a collection is never a product's. */
  readonly isOwn: (collection: string) => boolean;
}

/**
 * Reads what the server has written down of an operation; the profile and the log use nearly the same words.
 * @param raw a document of the profile, or what a line of the log says of the operation
 */
export function readEntry(raw: Document, { database, isOwn }: EntryOptions, wasCut = false): SlowEntry | LeftOut {
  const { ns, command, originatingCommand, appName, planSummary } = raw;
  const namespace = String(ns);
  if (!namespace.startsWith(`${database}.`)) return 'elsewhere';
  const collection = namespace.slice(database.length + 1).replace(/^system\.buckets\./, '');
  if (appName === clientOptions.appName || collection.startsWith('system.') || isOwn(collection)) return 'own';
  if (collection.startsWith('$') || !isPlain(command)) return 'other';
  const op = String(raw['op'] ?? raw['type']);
  const query = readQuery(op, command, isPlain(originatingCommand) ? originatingCommand : undefined, wasCut);
  if (!query) return 'other';
  const returned = numbersIn(raw, 'nreturned', 'nMatched', 'ndeleted')[0];
  const at: unknown = raw['ts'];
  return {
    collection,
    shape: shapeOf(query),
    needs: needsOf(query),
    milliseconds: numbersIn(raw, 'millis', 'durationMillis')[0] ?? 0,
    examined: Math.max(0, ...numbersIn(raw, 'keysExamined', 'docsExamined')),
    ...(returned !== undefined && { returned }),
    plan: readPlanSummary(planSummary, raw['hasSortStage'] === true),
    ...(at instanceof Date && { at }),
  };
}

function numbersIn(raw: Document, ...names: readonly string[]): number[] {
  return names.filter((name) => raw[name] !== undefined).map((name) => Number(raw[name]));
}
