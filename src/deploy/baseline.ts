import type { Db } from 'mongodb';
import { readChangelog, recordApplied } from '../history';
import { isPlain, type Migration } from '../migration';
import {
  commandsFor,
  describePlace,
  diff,
  documentKeysOf,
  fold,
  isNamedKind,
  namesOfChanges,
  overlaps,
  own,
  touches,
  type Change,
  type Schema,
} from '../schema';
import { readSchema, withRetry } from '../database';
import { withReads } from '../database/connection';
import { namesOf, openProject, resolveName } from '../project/project';
import { withRun, type RunOptions } from '../execute/run';
import { count } from '../support/counts';
import { SchemaError } from '../support/schema-error';

export interface BaselineOptions extends RunOptions {
  /** The last migration to mark. */
  readonly upTo?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface BaselineReport {
  /** The migrations that are marked as applied (or would be, in a dry run). */
  readonly marked: readonly string[];
  /** The first migration that does not hold, and what differs: `expected` and `found` are undefined where nothing is. */
  readonly stoppedAt?: Differences;
  /**
   * What else differs from what all migrations together lead to, by the last migration that changes the place: so that all of it
   * can be put right at once. Absent where nothing does.
   */
  readonly later?: readonly Differences[];
  /**
   * Those of the marked ones that are plain: nothing of them can be compared, so nobody knows whether they were run. Absent
   * where there are none.
   */
  readonly notCompared?: readonly string[];
  /** What the database has beyond the marked migrations. */
  readonly extras: readonly string[];
}

/** What of a migration does not hold. */
export interface Differences {
  readonly migration: string;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly place: string;
  readonly expected: unknown;
  readonly found: unknown;
  /** What makes it as expected, in mongosh, each in one line; empty where no command does. */
  readonly commands: readonly string[];
}

/**
 * Adopts a database that was made by hand: marks as applied the longest run of migrations, from the first, of which every
 * change holds already. Nothing is marked that is not there.
 * @throws error with code `USAGE` when the changelog has rows already.
 */
export async function baseline(options: BaselineOptions): Promise<BaselineReport> {
  const project = openProject(options.folder, options.changelog);
  const migrations = project.load();
  const names = migrations.map(({ name }) => name);
  const last = options.upTo === undefined ? undefined : resolveName(names, options.upTo);
  const candidates = last === undefined ? migrations : migrations.slice(0, names.indexOf(last) + 1);
  const look = async (db: Db) => {
    const { length } = await readChangelog(db);
    if (length > 0) {
      throw new SchemaError(
        'USAGE',
        `The changelog knows ${count(length, 'migration')} already, so there is nothing to adopt`,
        {
          fix: '`status` shows what it knows',
        },
      );
    }
    const indexes = namesOfChanges(candidates.flatMap(({ changes }) => changes));
    const { schema } = await readSchema(db, { documents: documentKeysOf(candidates), indexes });
    return judgeBaseline(candidates, schema);
  };
  if (options.dryRun) return withReads(options, ({ db }) => look(db));
  return withRun('baseline', options, async (run) => {
    const { bookkeeping, recorder, lease } = run;
    const report = await withRetry(() => look(run.db), { signal: run.ending });
    const block = Date.now();
    for (const name of report.marked) {
      const checksum = project.texts.find((text) => text.name === name)?.checksum;
      await lease.check();
      // The event first: a row without one would be a migration that nobody knows how it came there.
      await recorder.record('baselined', { migration: name, ...(checksum !== undefined && { checksum }) });
      await withRetry(() => recordApplied(bookkeeping, name, block), { signal: run.ending });
    }
    return report;
  });
}

/** The longest run that holds, and why the next one does not. */
export function judgeBaseline(migrations: readonly Migration[], live: Schema): BaselineReport {
  let best = 0;
  let stoppedAt: BaselineReport['stoppedAt'];
  for (const [index] of migrations.entries()) {
    const run = migrations.slice(0, index + 1);
    const differences = differencesOf(run, live);
    if (differences.length === 0) best = index + 1;
    else if (best === index) stoppedAt = { migration: run[index]?.name ?? '', differences };
  }
  const marked = migrations.slice(0, best);
  if (best > 0 && best === migrations.length) stoppedAt = undefined;
  const expected = fold(marked.flatMap(({ changes }) => changes));
  const extras = diff(expected, live)
    .filter((change) => change.from === undefined && isOutermost(change, expected))
    .map((change) => describePlace(change));
  const plain = marked.filter(isPlain);
  const later = stoppedAt ? laterDifferences(migrations, live, stoppedAt) : [];
  return {
    marked: namesOf(marked),
    ...(stoppedAt && { stoppedAt }),
    ...(later.length > 0 && { later }),
    ...(plain.length > 0 && { notCompared: namesOf(plain) }),
    extras,
  };
}

/** What differs from all migrations together, without the differences that `stoppedAt` lists. */
function laterDifferences(migrations: readonly Migration[], live: Schema, stoppedAt: Differences): Differences[] {
  const told = new Set(stoppedAt.differences.map(({ place }) => place));
  const byMigration = new Map<string, Difference[]>(migrations.map(({ name }) => [name, []]));
  const changes = migrations.flatMap((migration) => migration.changes);
  const isTouched = touches(changes);
  for (const change of diff(live, fold(changes))) {
    if (!isTouched(change) || told.has(describePlace(change))) continue;
    const maker = migrations.findLast((migration) => migration.changes.some((one) => overlaps(one, change)));
    if (maker) byMigration.get(maker.name)?.push(differenceOf(change, live));
  }
  return [...byMigration].flatMap(([migration, differences]) =>
    differences.length > 0 ? [{ migration, differences }] : [],
  );
}

/** What of the places that migrations touch, as all of them together leave it, does not hold. */
function differencesOf(migrations: readonly Migration[], live: Schema): Difference[] {
  const changes = migrations.flatMap((migration) => migration.changes);
  return diff(live, fold(changes))
    .filter(touches(changes))
    .map((change) => differenceOf(change, live));
}

/** Of a change that would make the database what is expected. */
function differenceOf(change: Change, live: Schema): Difference {
  const { from: found, to: expected, place } = change;
  return { place: describePlace(change), expected, found, commands: commandsFor(change, own(live, place.collection)) };
}

/** A collection that is all extra is one finding, not one for each of its indexes. */
function isOutermost({ kind, place }: Change, expected: Schema): boolean {
  return isNamedKind(kind) || Object.hasOwn(expected, place.collection);
}
