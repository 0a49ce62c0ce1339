import path from 'node:path';
import type { Db } from 'mongodb';
import { diffBetween } from '../schema';
import { openProject } from '../project';
import { explainChange } from '../review/explain';
import { lintProject } from '../review/lint';
import { placeOf } from '../support/error-place';
import { because, isSchemaError, reportOf, SchemaError, type ErrorReport } from '../support/schema-error';
import { irreversibleSteps, type Migration } from '../migration';
import { movesOf, Replay, type Move } from './replay';
import type { MoveReport, TrialReport } from './report';

export interface TrialOptions {
  readonly migration: string;
  /** The folder of the migrations, and its parent folder `project`. Findings name files relative to the parent. */
  readonly migrations: string;
  readonly project: string;
  /** The branch that migrations are merged to. */
  readonly base?: string | undefined;
  /** Whether the database has exactly the schema of these predecessors of the migration. */
  readonly isMade: boolean;
  /** Called at the start of each stage, as a sign of progress. */
  readonly onStage: (what: string) => void;
}

/** The result of a trial, and how to restore its database. */
export interface Trial {
  readonly report: TrialReport;
  /** Resolves to whether the database has the schema of the predecessors again. */
  readonly putBack: () => Promise<boolean>;
}

/**
 * Loads a migration with its predecessors, computes its schema, lints it, and replays it on a database that nothing else uses. Never
 * throws.
 */
export async function tryMigration(db: Db, options: TrialOptions): Promise<Trial> {
  const { onStage, isMade, migration: name } = options;
  const done: { -readonly [Key in keyof TrialReport]: TrialReport[Key] } & { moves: MoveReport[] } = {
    moves: [],
    irreversible: [],
  };
  let putBack = () => Promise.resolve(isMade);
  try {
    onStage(`loading ${name}`);
    const all = openProject(options.migrations, undefined, name).load();
    const [at, migration] = [all.length - 1, all.at(-1)];
    if (migration?.name !== name) throw new SchemaError('MIGRATION', `The file of ${name} does not exist`);
    const replay = new Replay(db, all, isMade ? at : undefined);
    const changes = diffBetween(replay.schemaAt(at), replay.schemaAt(at + 1), migration.changes);
    done.changes = changes.map((change) => explainChange(change));
    done.irreversible = irreversibleSteps(migration.steps);
    const judging = lintProject(options, { base: options.base, only: name });
    // `judging` is awaited only below, so this handler prevents an unhandled rejection.
    judging.catch(() => undefined);
    putBack = async () => {
      if (done.problem === undefined && done.irreversible.length === 0) await goDown(replay, at).catch(() => undefined);
      await replay.standAt(at, onStage);
      return true;
    };
    const failure = await replayMoves(replay, at, migration, { ...options, moves: done.moves });
    if (failure !== undefined) done.problem = failure;
    const { findings, suppressed } = await judging;
    done.lint = { findings, suppressed };
  } catch (error) {
    done.problem ??= placed(reportOf(error), name, options.migrations);
  }
  return { report: done, putBack: () => putBack().catch(() => false) };
}

/** Adds the path of the file to an error that only names the migration. */
function placed(report: ErrorReport, name: string, folder: string): ErrorReport {
  if (report.where !== undefined || !report.summary.includes(name)) return report;
  return { ...report, where: placeOf(undefined, path.join(folder, name)) };
}

/** Runs the migration up and down, as `movesOf` lists, until a run fails. Returns the problem; undefined when all runs succeed. */
async function replayMoves(
  replay: Replay,
  at: number,
  migration: Migration,
  { onStage, moves }: Pick<TrialOptions, 'onStage'> & { readonly moves: MoveReport[] },
): Promise<ErrorReport | undefined> {
  const points = { before: at, after: at + 1 };
  try {
    await replay.standAt(at, onStage);
  } catch (error) {
    return reportOf(because(error, `The migrations before ${migration.name} cannot be applied, so it was not tested`));
  }
  let stands: Move['to'] = 'before';
  for (const move of movesOf(irreversibleSteps(migration.steps))) {
    // Without a way down, the next run would need a new database, so stop here. `npm run test:migration` uses a new database.
    if (move.from !== stands) break;
    onStage(`${migration.name} ${move.title}`);
    const began = performance.now();
    try {
      await replay.from(
        points[move.from],
        async () => {
          refuseOutcomes(migration, move, await replay.run(at, move.direction));
          return points[move.to];
        },
        async (reached) => {
          const why = await replay.differencesAt(reached);
          if (why.length > 0) throw new SchemaError('FAILED', 'The database is not in the expected state', { why });
        },
      );
    } catch (error) {
      const where = isSchemaError(error) && error.where !== undefined ? error.where : placeOf(error, migration.file);
      const how = move.title.replace(/^(goes|changes nothing when it goes) /, '');
      return reportOf(because(error, `${migration.name} fails when it goes ${how}`, { where }));
    }
    stands = move.to;
    moves.push({ title: move.title, milliseconds: Math.round(performance.now() - began) });
  }
  return undefined;
}

/** Rolls back the migration, which is faster than applying all its predecessors again. */
async function goDown(replay: Replay, at: number): Promise<void> {
  await replay.from(
    at + 1,
    async () => {
      await replay.run(at, 'down');
      return at;
    },
    () => Promise.resolve(),
  );
}

/** @throws error with code `FAILED` for a change that was made twice, or that existed before the run. */
function refuseOutcomes({ changes }: Migration, { outcome }: Move, outcomes: readonly string[]): void {
  const wrong = changes.filter((_, at) => outcomes[at] !== outcome);
  if (wrong.length === 0) return;
  const places = wrong.map((change) => explainChange(change).place);
  throw new SchemaError(
    'FAILED',
    outcome === 'already'
      ? 'Some changes were already made, and were made again'
      : 'Some changes were already in the database',
    { why: places },
  );
}
