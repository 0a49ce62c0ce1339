import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { placeOf } from '../support/error-place';
import { because, reportOf } from '../support/schema-error';
import { startChild, type Child } from './child';
import type { Texts } from './folder';
import { hasLintErrors, isSound, type RoundReport, type TrialReport, type TypesReport } from './report';
import type { TrialAnswer, TrialOrder } from './trial-elsewhere';
import type { TypesAnswer, TypesOrder } from './types-elsewhere';

export interface RoundsOptions {
  readonly migrations: string;
  readonly project: string;
  readonly base?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** How long a step may go without a sign of progress, in milliseconds. */
  readonly limit: number;
  /** Whether further rounds follow. If so, each round prepares the next one. */
  readonly isLasting: boolean;
  readonly onLine: (line: string) => void;
}

/** In milliseconds. Loading TypeScript and its libraries takes a long time on a busy machine. */
const typesLimit = 120_000;

/**
 * Tries one migration after another, each in its own process. Between the rounds, the database keeps the schema of the migration's
 * predecessors.
 */
export class Rounds {
  readonly #children = new Set<Child<TrialOrder, TrialAnswer>>();
  readonly #types: Child<TypesOrder, TypesAnswer>;
  #trial: Child<TrialOrder, TrialAnswer> | undefined;
  /** Settles when the database and the next process are ready. */
  #ready: Promise<unknown> = Promise.resolve();
  #database = newName();
  /** A hash of the names and texts of the migrations that are applied to the database; undefined when these are unknown. */
  #made: string | undefined;
  #isEnded = false;
  #url: string | undefined;
  #rounds = 0;

  constructor(private readonly options: RoundsOptions) {
    this.#types = startChild('types-elsewhere', options);
    this.#trial = this.#spare();
  }

  /** Loads what the type check of a migration needs, before a round needs it. */
  warmUp(migration: string): void {
    this.#types.send({ id: 0, file: path.join(this.options.migrations, migration) });
  }

  /** Sets the server for the rounds. Call this before the first round. */
  use(url: string): void {
    this.#url = url;
    this.#trial?.send({ url });
  }

  /** @param texts the current texts in the folder; @param since when the save was noticed, by `performance.now()` */
  async round(migration: string, texts: Texts, since: number): Promise<RoundReport> {
    await this.#ready;
    const [types, trial] = await Promise.all([this.#checkTypes(migration), this.#try(migration, texts)]);
    const isGood = isSound({ types, trial }) && !hasLintErrors(trial);
    return { migration, isGood, milliseconds: Math.round(performance.now() - since), types, trial };
  }

  /** Ends every process immediately. */
  end(): void {
    this.#isEnded = true;
    this.#types.end();
    for (const child of this.#children) child.end();
  }

  #end(child: Child<TrialOrder, TrialAnswer>): void {
    child.end();
    this.#children.delete(child);
  }

  #spare(): Child<TrialOrder, TrialAnswer> {
    const child = startChild<TrialOrder, TrialAnswer>('trial-elsewhere', this.options);
    this.#children.add(child);
    if (this.#url !== undefined) child.send({ url: this.#url });
    return child;
  }

  async #checkTypes(migration: string): Promise<TypesReport> {
    const id = ++this.#rounds;
    this.#types.send({ id, file: path.join(this.options.migrations, migration) });
    return this.#types
      .answer((answer) => (answer.id === id ? answer.report : undefined), typesLimit)
      .catch((error: unknown) => ({
        notChecked: reportOf(error).why?.join('; ') ?? reportOf(error).summary,
      }));
  }

  async #try(migration: string, texts: Texts): Promise<TrialReport> {
    const { migrations, project, base, limit, isLasting } = this.options;
    const trial = (this.#trial ??= this.#spare());
    const before = keyOf([...texts].filter(([name]) => name < migration));
    const isMade = this.#made === before;
    this.#made = undefined;
    trial.send({ migration, migrations, project, base, isMade, database: this.#database, isKept: isLasting });
    let stage = 'the start of its process';
    try {
      const report = await trial.answer((answer) => {
        if ('stage' in answer) ({ stage } = answer);
        return 'report' in answer ? answer.report : undefined;
      }, limit);
      this.#ready = this.#getReady(trial, before);
      return report;
    } catch (error) {
      this.#end(trial);
      // The server may still execute commands on the old database, so use a new one.
      this.#database = newName();
      this.#trial = this.#isEnded || !isLasting ? undefined : this.#spare();
      const problem = because(error, `${migration} was ended: ${reportOf(error).summary.toLowerCase()}`, {
        why: [...(reportOf(error).why ?? []), `the last stage was: ${stage}`],
        fix: 'look for a promise that never settles, an endless loop, or a call of process.exit; --limit SECONDS allows more time',
        where: placeOf(undefined, path.join(migrations, migration)),
      });
      return { moves: [], irreversible: [], problem: reportOf(problem) };
    }
  }

  /** After the report, starts the next process while the old one restores the database. */
  async #getReady(trial: Child<TrialOrder, TrialAnswer>, before: string): Promise<void> {
    if (!this.options.isLasting || this.#isEnded) return;
    this.#trial = this.#spare();
    try {
      const isMade = await trial.answer(
        (answer) => ('isMade' in answer ? answer.isMade : undefined),
        this.options.limit,
      );
      if (isMade) this.#made = before;
    } catch {
      this.#database = newName();
    } finally {
      this.#end(trial);
    }
  }
}

function newName(): string {
  return `watch_${randomBytes(6).toString('hex')}`;
}

function keyOf(texts: readonly (readonly [string, string])[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}
