import { MongoServerError, type Db } from 'mongodb';
import { isTransient } from '../database/retry';
import { maxTimeExpired, nameOfError, unauthorized } from '../database/server-errors';
import { describePlace, type Change, type Kind } from '../schema';
import type { DataStep, Direction } from '../migration/types';
import type { Look, Measured, Surroundings } from './kinds/execution';
import { lossOf } from './losses';
import { measureValues } from './lost-values';
import { executions } from './kinds/table';
import { measureObstacle } from './obstacles';
import { lookAtUpdate, lookLimit, type Trial } from './update-looks';

/** A finding about the live data that concerns a change, before the change is made. */
export interface PreflightFinding {
  readonly place: string;
  readonly kind:
    | 'duplicates'
    | 'violators'
    | 'expired documents'
    | 'index build'
    | 'documents to lose'
    | 'values to lose'
    | 'documents in the way'
    /** Documents in a collection that is renamed. */
    | 'documents that move'
    /** Queries that need something that is removed. */
    | 'queries that fail'
    /** A reference document that was edited by hand, and that the change leaves unchanged. */
    | 'edited row'
    /** An update that is not idempotent: a second run would change documents again. */
    | 'unrepeatable update'
    /** An update that needs transactions, on a standalone server. */
    | 'no transactions';
  /** Whether the change would fail because of this finding, or is refused unless its migration may lose data. */
  readonly blocks: boolean;
  /** The number of documents; undefined when the query took too long. */
  readonly count?: number;
  /** The `_id`s of some of the documents, as text. */
  readonly samples: readonly string[];
  /** The finding in one sentence. */
  readonly message: string;
  readonly milliseconds: number;
}

export interface LookOptions extends Surroundings {
  /** How long a query may take, in milliseconds; 30,000 by default. If a query takes longer, the result is "not determined". */
  readonly maxTimeMS?: number | undefined;
}

const losses: ReadonlySet<PreflightFinding['kind']> = new Set([
  'expired documents',
  'documents to lose',
  'values to lose',
]);

/** Returns whether documents or values would be deleted. Such a loss is allowed only for migrations that the person names. */
export function isLoss({ kind }: Pick<PreflightFinding, 'kind'>): boolean {
  return losses.has(kind);
}

/** Returns the possible effects of a change on live data, without reading the data. */
export function dangersOf<K extends Kind>(change: Change<K>, surroundings: Surroundings): PreflightFinding['kind'][] {
  return executions[change.kind].looks(change, surroundings).map(({ kind }) => kind);
}

/** Reads the live data that a change depends on. Writes nothing. */
export async function lookBefore<K extends Kind>(
  db: Db,
  change: Change<K>,
  { maxTimeMS = lookLimit, ...surroundings }: LookOptions,
): Promise<PreflightFinding[]> {
  const findings: PreflightFinding[] = [];
  for (const look of executions[change.kind].looks(change, surroundings)) {
    const finding = await take(db, look, describePlace(change), maxTimeMS);
    if (finding) findings.push(finding);
  }
  return findings;
}

export interface StepLookOptions extends Pick<LookOptions, 'maxTimeMS'> {
  readonly trial: Trial;
}

/** Reads the values that a data step would delete, and checks whether its update can run. */
export async function lookBeforeStep(
  db: Db,
  step: DataStep,
  direction: Direction,
  { maxTimeMS = lookLimit, trial }: StepLookOptions,
): Promise<PreflightFinding[]> {
  const [loss, update] = [lossOf(step, direction), step.updates?.[direction]];
  const looks: [collection: string, look: Look][] = [];
  if (loss) {
    const measure: Look['measure'] = (on, limit) => measureValues(on, loss, limit);
    looks.push([loss.collection, { kind: 'values to lose', blocks: true, measure }]);
  }
  if (update) looks.push([update.collection, lookAtUpdate(update, trial)]);
  for (const obstacle of step.obstacles?.[direction] ?? []) {
    const measure: Look['measure'] = (on, limit) => measureObstacle(on, obstacle, limit);
    looks.push([obstacle.collection, { kind: 'documents in the way', blocks: true, measure }]);
  }
  const findings = await Promise.all(looks.map(([collection, look]) => take(db, look, collection, maxTimeMS)));
  return findings.filter((finding) => finding !== undefined);
}

async function take(
  db: Db,
  { kind, blocks, measure }: Look,
  place: string,
  maxTimeMS: number,
): Promise<PreflightFinding | undefined> {
  const started = performance.now();
  const found = await measure(db, maxTimeMS).catch((error: unknown) => notDetermined(error, maxTimeMS));
  return (
    found && {
      place,
      kind,
      blocks: found.blocks ?? (blocks && found.count !== undefined),
      ...(found.count !== undefined && { count: found.count }),
      samples: found.samples ?? [],
      message: found.message,
      milliseconds: Math.round(performance.now() - started),
    }
  );
}

/** Returns "not determined" when the server cannot run a check. Such a result does not block the change. */
function notDetermined(error: unknown, maxTimeMS: number): Measured {
  if (!(error instanceof MongoServerError) || error.code === unauthorized || isTransient(error)) throw error;
  const reason =
    error.code === maxTimeExpired
      ? `the query took longer than ${maxTimeMS / 1000} s`
      : `the server could not carry out the query (${nameOfError(error)})`;
  return { message: `not determined: ${reason}` };
}
