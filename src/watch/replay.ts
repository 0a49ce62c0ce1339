import type { Db } from 'mongodb';
import { inspectServer, readSchema } from '../database';
import { runMigration } from '../execute';
import { foldMigrations, isDataStep, isOpaque, type Direction, type Migration } from '../migration';
import { describeChange, diff, documentKeysOf, type Schema } from '../schema';

/** One run of a migration up or down, and its expected result. `from` and `to` are points: the states before and after the migration. */
export interface Move {
  readonly title: string;
  readonly from: Point;
  readonly direction: Direction;
  readonly to: Point;
  /** The expected outcome of each change of the migration. */
  readonly outcome: 'done' | 'already';
}

export type Point = 'before' | 'after';

/** The runs of a replay, in order. Each run begins at the point at which the run before it ends. */
const moves: readonly Move[] = [
  { title: 'goes up to the schema of its changes', from: 'before', direction: 'up', to: 'after', outcome: 'done' },
  {
    title: 'changes nothing when it goes up again',
    from: 'after',
    direction: 'up',
    to: 'after',
    outcome: 'already',
  },
  { title: 'goes down to the earlier schema', from: 'after', direction: 'down', to: 'before', outcome: 'done' },
  {
    title: 'changes nothing when it goes down again',
    from: 'before',
    direction: 'down',
    to: 'before',
    outcome: 'already',
  },
  { title: 'goes up again to the same schema', from: 'before', direction: 'up', to: 'after', outcome: 'done' },
];

/**
 * Returns the runs for a migration. `reasons` says why the migration cannot be undone; if there are any reasons, there are no runs down.
 */
export function movesOf(reasons: readonly string[]): readonly Move[] {
  return reasons.length === 0 ? moves : moves.filter(({ direction }) => direction === 'up');
}

/**
 * Replays migrations on a separate database that nothing else uses. Point 0 is the state before the first migration, point 1 the state
 * after it, and so on.
 */
export class Replay {
  readonly #schemas: readonly Schema[];
  /** The current point of the database; undefined after a run that ended in another state than expected. */
  #standsAt: number | undefined;
  #newest = -1;

  /** @param standsAt the current point of the database; undefined when unknown */
  constructor(
    private readonly db: Db,
    private readonly migrations: readonly Migration[],
    standsAt?: number,
  ) {
    this.#standsAt = standsAt;
    this.#schemas = foldsOf(migrations);
  }

  schemaAt(at: number): Schema {
    return this.#schemas[at] ?? {};
  }

  /** Runs the migration between point `at` and the next point, up or down. Returns the outcome of each change. */
  async run(at: number, direction: Direction): Promise<string[]> {
    this.#newest = Math.max(this.#newest, at);
    // Allow drops of documents only if there are data steps, which may have created documents. Otherwise, no documents should exist.
    const allowDataLoss = this.migrations.slice(0, this.#newest + 1).some(({ steps }) => steps.some(isDataStep));
    const { isReplicaSet } = await inspectServer(this.db);
    const session = {
      db: this.db,
      isReplicaSet,
      guard: () => Promise.resolve(),
      ddlWait: 5_000,
      allowDataLoss,
    };
    const { changes } = await runMigration(session, this.migrations[at] as Migration, direction);
    return changes.map(({ outcome }) => outcome);
  }

  /** Returns the current schema of the database, with the reference documents of all these migrations. */
  async live(): Promise<Schema> {
    return (await readSchema(this.db, { documents: documentKeysOf(this.migrations) })).schema;
  }

  /** Describes how the database differs from a point: differences in the schema, and data steps before the point that are not done. */
  async differencesAt(at: number): Promise<string[]> {
    const differences = diff(await this.live(), this.schemaAt(at)).map(
      (change) =>
        `the database differs from the schema of the changes; this change would make them equal: ${describeChange(change)}`,
    );
    const steps = this.migrations.slice(Math.max(0, at - 1), at).flatMap(({ steps }) => steps.filter(isDataStep));
    for (const step of steps.filter((one) => !isOpaque(one))) {
      if (await step.isDone(this.db)) continue;
      differences.push(`the data step reports that it is not done: ${step.describe.join('; ')}`);
    }
    return differences;
  }

  /** Brings the database to a point. Starts from an empty database, unless the database is already at this point. */
  async standAt(wanted: number, onStep?: (name: string) => void): Promise<void> {
    if (this.#standsAt === wanted) return;
    this.#standsAt = undefined;
    await this.db.dropDatabase();
    for (const [at, { name }] of this.migrations.slice(0, wanted).entries()) {
      onStep?.(name);
      await this.run(at, 'up');
    }
    this.#standsAt = wanted;
  }

  /** Brings the database to a point, and runs the work. `judge` throws unless the database is at the point that the work returns. */
  async from(at: number, work: () => Promise<number>, judge: (reached: number) => Promise<void>): Promise<void> {
    await this.standAt(at);
    this.#standsAt = undefined;
    const reached = await work();
    await judge(reached);
    this.#standsAt = reached;
  }
}

/** Returns the schema at each point: before the first migration, and after each one. */
export function foldsOf(migrations: readonly Migration[]): Schema[] {
  return [{}, ...migrations.map((_, at) => foldMigrations(migrations.slice(0, at + 1)))];
}
