import type { Db } from 'mongodb';
import { readChangelog, recordApplied } from '../history';
import type { Migration } from '../migration';
import { describePlace, diff, documentKeysOf, fold, readSchema, type Change, type Place, type Schema } from '../schema';
import { withConnection } from './connection';
import { openProject, resolveName } from './project';
import { withRun, type RunOptions } from './run';

export interface BaselineOptions extends RunOptions {
  /** The last migration to mark. */
  readonly upTo?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface BaselineReport {
  /** The migrations that are marked as applied (or would be, in a dry run). */
  readonly marked: readonly string[];
  /** The first migration that does not hold, and what differs: `expected` and `found` are undefined where nothing is. */
  readonly stoppedAt?: { readonly migration: string; readonly differences: readonly Difference[] };
  /** What the database has beyond the marked migrations. */
  readonly extras: readonly string[];
}

export interface Difference {
  readonly place: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/**
 * Adopts a database that was made by hand: marks as applied the longest run of migrations, from the first, of which every
 * change holds already. Nothing is marked that is not there.
 * @throws Error with code `USAGE` when the changelog has rows already.
 */
export async function baseline(options: BaselineOptions): Promise<BaselineReport> {
  const project = openProject(options.folder);
  const migrations = project.load();
  const names = migrations.map(({ name }) => name);
  const last = options.upTo === undefined ? undefined : resolveName(names, options.upTo);
  const candidates = last === undefined ? migrations : migrations.slice(0, names.indexOf(last) + 1);
  const look = async (db: Db) => {
    const { length } = await readChangelog(db);
    if (length > 0) {
      const message = `The changelog knows ${length} ${length === 1 ? 'migration' : 'migrations'} already, so there is nothing to adopt; \`status\` shows what it knows.`;
      throw Object.assign(new Error(message), { code: 'USAGE' });
    }
    return judgeBaseline(candidates, (await readSchema(db, { documents: documentKeysOf(candidates) })).schema);
  };
  if (options.dryRun) return withConnection(options, ({ db }) => look(db));
  return withRun('baseline', options, async ({ db, recorder, lease }) => {
    const report = await look(db);
    const block = Date.now();
    for (const name of report.marked) {
      const checksum = project.texts.find((text) => text.name === name)?.checksum;
      await lease.check();
      // The event first: a row without one would be a migration that nobody knows how it came there.
      await recorder.record('baselined', { migration: name, ...(checksum !== undefined && { checksum }) });
      await recordApplied(db, name, block);
    }
    return report;
  });
}

/** The longest run that holds, and why the next one does not. */
export function judgeBaseline(migrations: readonly Migration[], live: Schema): BaselineReport {
  let best = 0;
  let stoppedAt: BaselineReport['stoppedAt'];
  for (const [at] of migrations.entries()) {
    const run = migrations.slice(0, at + 1);
    const differences = differencesOf(run, live);
    if (differences.length === 0) best = at + 1;
    else if (best === at) stoppedAt = { migration: run[at]?.name ?? '', differences };
  }
  const marked = migrations.slice(0, best);
  if (best > 0 && best === migrations.length) stoppedAt = undefined;
  const expected = fold(marked.flatMap(({ changes }) => changes));
  const extras = diff(expected, live)
    .filter(({ at, from }) => from === undefined && isOutermost(at, expected))
    .map(({ at }) => describePlace(at));
  return { marked: marked.map(({ name }) => name), ...(stoppedAt && { stoppedAt }), extras };
}

/** What of the places that migrations touch, as all of them together leave it, does not hold. */
function differencesOf(migrations: readonly Migration[], live: Schema): Difference[] {
  const changes = migrations.flatMap((migration) => migration.changes);
  const touched = new Set(changes.map(({ at }) => JSON.stringify(at.slice(0, 3))));
  const isTouched = ({ at }: Change) => touched.has(JSON.stringify(at.slice(0, 3)));
  return diff(fold(changes), live)
    .filter(isTouched)
    .map(({ at, from, to }) => ({ place: describePlace(at), expected: from, found: to }));
}

/** A collection that is all extra is one finding, not one for each of its indexes. */
function isOutermost([collection, part]: Place, expected: Schema): boolean {
  return part === 'options' || Object.hasOwn(expected, collection);
}
