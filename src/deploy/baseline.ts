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
  /** The last migration to mark as applied. */
  readonly upTo?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface BaselineReport {
  /** The migrations that are marked as applied, or would be in a dry run. */
  readonly marked: readonly string[];
  /** The first migration that the database does not match, and the differences. `expected` or `found` is undefined when there is no such value. */
  readonly stoppedAt?: Differences;
  /**
   * All other differences from the result of all migrations, grouped by the last migration that changes the place, so that a person can
   * correct all of them together. Undefined when there are none.
   */
  readonly later?: readonly Differences[];
  /**
   * The plain migrations (without verbs) among the marked ones. Their changes cannot be compared, so it is unknown whether they were run.
   * Undefined when there are none.
   */
  readonly notCompared?: readonly string[];
  /** The places that the database has in addition to the result of the marked migrations. */
  readonly extras: readonly string[];
}

/** The changes of a migration that the database does not match. */
export interface Differences {
  readonly migration: string;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly place: string;
  readonly expected: unknown;
  readonly found: unknown;
  /** The mongosh commands that correct the difference, one per line; empty when there is no such command. */
  readonly commands: readonly string[];
}

/**
 * Adopts a database that was made by hand: marks migrations as applied, in order, up to the first one with a
 * change that the database does not have. Migrations that do not match are never marked.
 * @throws error with code `USAGE` when the changelog already has rows.
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
        `The changelog already has ${count(length, 'migration')}, so there is nothing to adopt`,
        {
          fix: '`status` shows them',
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
      // Write the event first: a row without an event would be a migration of unknown origin.
      await recorder.record('baselined', { migration: name, ...(checksum !== undefined && { checksum }) });
      await withRetry(() => recordApplied(bookkeeping, name, block), { signal: run.ending });
    }
    return report;
  });
}

/** Returns the migrations that match, in order, and the differences between the database and the next migration. */
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

/** Returns the differences from the result of all migrations, without those in `stoppedAt`. */
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

/** Returns the differences of the database from the result of all migrations, in the places that the migrations change. */
function differencesOf(migrations: readonly Migration[], live: Schema): Difference[] {
  const changes = migrations.flatMap((migration) => migration.changes);
  return diff(live, fold(changes))
    .filter(touches(changes))
    .map((change) => differenceOf(change, live));
}

/** Describes a difference. `change` is the change that would correct the database. */
function differenceOf(change: Change, live: Schema): Difference {
  const { from: found, to: expected, place } = change;
  return { place: describePlace(change), expected, found, commands: commandsFor(change, own(live, place.collection)) };
}

/**
 * Returns whether no enclosing place differs too. A collection that should not exist is reported once, and its indexes are not reported in
 * addition.
 */
function isOutermost({ kind, place }: Change, expected: Schema): boolean {
  return isNamedKind(kind) || Object.hasOwn(expected, place.collection);
}
