import { apply, describePlace, Draft, type Change, type Kind } from '../schema';
import type { LiveSchema } from '../database';
import { isDataStep, type DataStep, type Direction, type LostValues, type Step } from '../migration/types';
import { SchemaError } from '../support/schema-error';
import type { JudgedChange } from './kinds/execution';
import { deletionError } from './kinds/index-looks';
import { executions } from './kinds/table';
import { measureValues } from './lost-values';
import type { Session } from './session';

/**
 * Before anything is written, counts the documents that a TTL or a smaller limit of a collection would delete. If `decided` is given, only
 * its changes are checked: the effect of the other changes depends on data steps. The documents are counted again right before each
 * command. Documents of collections to drop are counted elsewhere, after the collection is closed for writes.
 * @throws error with code `DATA_LOSS` that names each change, when the run may not delete any documents.
 */
export async function refuseDeletions(
  session: Session,
  live: LiveSchema,
  judged: readonly JudgedChange[],
  decided?: ReadonlySet<Change>,
): Promise<void> {
  if (session.allowDataLoss) return;
  const draft = new Draft(live.schema);
  const dropped = new Set<string>();
  const losses: string[] = [];
  for (const { change, verdict } of judged) {
    if (verdict !== 'pending') continue;
    const { collection } = change.place;
    // A collection that is dropped and re-created holds none of the present documents when this change is made.
    const isThere = !dropped.has(collection) && (decided?.has(change) ?? true);
    if (isThere) losses.push(...(await deletionsBy(session, change, draft)));
    if (change.kind === 'collection' && change.to === undefined) dropped.add(collection);
    apply(change, draft);
  }
  if (losses.length > 0) throw deletionError(losses);
}

async function deletionsBy<K extends Kind>({ db }: Session, change: Change<K>, draft: Draft): Promise<string[]> {
  const losses: string[] = [];
  for (const { kind, measure } of executions[change.kind].looks(change, { draft, removed: [] })) {
    const deletes = kind === 'expired documents' || (kind === 'documents to lose' && change.to !== undefined);
    if (!deletes) continue;
    // The count has no time limit: documents that are not counted would be deleted without notice.
    const found = await measure(db, 0);
    if (found) losses.push(`${describePlace(change)}: ${found.message}`);
  }
  return losses;
}

/**
 * Counts the values that data steps would delete.
 * @throws error with code `DATA_LOSS` that names the fields, when the run may not delete any values.
 */
export async function refuseLostValues(session: Session, steps: readonly Step[], direction: Direction): Promise<void> {
  if (session.allowDataLoss) return;
  const losses: string[] = [];
  for (const loss of steps.filter(isDataStep).flatMap((step) => lossOf(step, direction) ?? [])) {
    const found = await measureValues(session.db, loss, 0);
    if (found) losses.push(`${loss.collection}: ${found.message}`);
  }
  if (losses.length === 0) return;
  throw new SchemaError('DATA_LOSS', 'A step would delete values of fields, so it was not run', { why: losses });
}

/** Returns the values that a step would delete; undefined when the step deletes no values, or does not declare them. */
export function lossOf({ loses }: DataStep, direction: Direction): LostValues | undefined {
  return loses?.[direction];
}
