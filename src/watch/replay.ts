import type { Db } from 'mongodb';
import { inspectServer, readSchema } from '../database';
import { runMigration } from '../execute';
import { foldMigrations, isDataStep, isOpaque, type Direction, type Migration } from '../migration';
import { describeChange, diff, documentKeysOf, type Schema } from '../schema';

/** A run of one migration, and what has to come of it. Points are before it and after it. */
export interface Move {
  readonly title: string;
  readonly from: Point;
  readonly direction: Direction;
  readonly to: Point;
  /** What becomes of each of its changes. */
  readonly outcome: 'done' | 'already';
}

export type Point = 'before' | 'after';

/** What replaying a migration is, in order. The last one comes after everything that begins before it. */
const moves: readonly Move[] = [
  { title: 'goes up to what its changes fold to', from: 'before', direction: 'up', to: 'after', outcome: 'done' },
  {
    title: 'changes nothing when it goes up once more',
    from: 'after',
    direction: 'up',
    to: 'after',
    outcome: 'already',
  },
  { title: 'goes down to what was before it', from: 'after', direction: 'down', to: 'before', outcome: 'done' },
  {
    title: 'changes nothing when it goes down once more',
    from: 'before',
    direction: 'down',
    to: 'before',
    outcome: 'already',
  },
  { title: 'goes up again to the same', from: 'before', direction: 'up', to: 'after', outcome: 'done' },
];

/** Those of a migration: one that cannot be undone does not go down. `reasons` are why it cannot. */
export function movesOf(reasons: readonly string[]): readonly Move[] {
  return reasons.length === 0 ? moves : moves.filter(({ direction }) => direction === 'up');
}

/** Replays migrations on a database of its own, where nothing else is at work. At 0 it stands before the first one. */
export class Replay {
  readonly #schemas: readonly Schema[];
  /** Unknown after a run that did not end where it should. */
  #standsAt: number | undefined;
  #newest = -1;

  /** @param standsAt where the database stands now; unknown unless given */
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

  /** Runs the migration after a point; what becomes of each of its changes. */
  async run(at: number, direction: Direction): Promise<string[]> {
    this.#newest = Math.max(this.#newest, at);
    // What a data step leaves behind keeps no collection here from being dropped; nothing else may hold documents.
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

  /** What the database holds now, with the reference documents of all these migrations. */
  async live(): Promise<Schema> {
    return (await readSchema(this.db, { documents: documentKeysOf(this.migrations) })).schema;
  }

  /** What differs from a point, in words: in the schema, and where the data step before it has something left to do. */
  async differencesAt(at: number): Promise<string[]> {
    const differences = diff(await this.live(), this.schemaAt(at)).map(
      (change) => `the database differs from what the changes fold to: to be equal, ${describeChange(change)}`,
    );
    const steps = this.migrations.slice(Math.max(0, at - 1), at).flatMap(({ steps }) => steps.filter(isDataStep));
    for (const step of steps.filter((one) => !isOpaque(one))) {
      if (await step.isDone(this.db)) continue;
      differences.push(`the data step says that it has something left to do: ${step.describe.join('; ')}`);
    }
    return differences;
  }

  /** Brings the database to a point, from an empty one unless it stands there. */
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

  /** Works from one point. `judge` throws unless the database then stands at the point that the work names. */
  async from(at: number, work: () => Promise<number>, judge: (reached: number) => Promise<void>): Promise<void> {
    await this.standAt(at);
    this.#standsAt = undefined;
    const reached = await work();
    await judge(reached);
    this.#standsAt = reached;
  }
}

/** The schema at each point: before the first migration, and after each. */
export function foldsOf(migrations: readonly Migration[]): Schema[] {
  return [{}, ...migrations.map((_, at) => foldMigrations(migrations.slice(0, at + 1)))];
}
