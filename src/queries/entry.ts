import type { Document } from 'mongodb';
import { clientOptions } from '../database/client';
import { needsOf, type IndexNeeds } from './needs';
import { readPlanSummary, type PlanSummary } from './plan-summary';
import { readQuery, shapeOf, type QueryShape } from './query';
import { isPlain } from './redact';

/** One slow query from the profile or the log, without its values. */
export interface SlowEntry {
  readonly collection: string;
  readonly shape: QueryShape;
  readonly needs: IndexNeeds;
  readonly milliseconds: number;
  /** Keys or documents examined, whichever number is larger. */
  readonly examined: number;
  /** Documents returned, changed or deleted. Absent if the server does not count them. */
  readonly returned?: number;
  readonly plan: PlanSummary;
  readonly at?: Date;
}

/** Why an entry is left out: it belongs to another database, to the server or this tool, or it is not a query on a collection. */
export type LeftOut = 'elsewhere' | 'own' | 'other';

export interface EntryOptions {
  readonly database: string;
  /** Returns whether a collection belongs to this tool. */
  readonly isOwn: (collection: string) => boolean;
}

/**
 * Reads the server's record of an operation. The profile and the log use nearly the same field names.
 * @param raw a document of the profile, or the attributes of a log line
 * @param wasCut whether the server truncated the command in the log
 * @returns the entry, or the reason to leave it out
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
