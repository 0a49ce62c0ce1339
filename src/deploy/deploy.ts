import type { Db } from 'mongodb';
import { ensureChangelogIndex, readChangelog, recordApplied } from '../history';
import { inspectServer, runMigration, type ChangeOutcome, type Migration, type Session } from '../migration';
import { documentKeys, fold, readSchema, summarize, type SchemaSummary } from '../schema';

export interface DeployOptions {
  readonly db: Db;
  /** All migrations of the project, in order. */
  readonly migrations: readonly Migration[];
  readonly allowSharded?: boolean;
  /** Called after each migration. */
  readonly onApplied?: (applied: AppliedMigration) => void;
}

export interface AppliedMigration {
  readonly name: string;
  readonly milliseconds: number;
  readonly changes: readonly ChangeOutcome[];
}

export interface DeployReport {
  readonly applied: readonly AppliedMigration[];
  /** What the database holds now, of what migrations make. */
  readonly schema: SchemaSummary;
}

/**
 * Applies what is pending, in order, and records each migration in the changelog once it is done.
 * @throws Error naming the migration that failed; those before it stay applied and recorded.
 */
export async function deploy({
  db,
  migrations,
  allowSharded = false,
  onApplied,
}: DeployOptions): Promise<DeployReport> {
  const session: Session = {
    db,
    ...(await inspectServer(db, { allowSharded })),
    guard: () => Promise.resolve(),
    ddlWait: 5_000,
    allowDataLoss: false,
  };
  await ensureChangelogIndex(db);
  const recorded = new Set((await readChangelog(db)).map(({ fileName }) => fileName));
  const applied: AppliedMigration[] = [];
  const block = Date.now();
  for (const migration of migrations) {
    if (recorded.has(migration.name)) continue;
    const started = performance.now();
    const changes = await runMigration(session, migration, 'up').catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const code = (cause as { code?: unknown }).code;
      throw Object.assign(new Error(`${migration.name}: ${reason}`, { cause }), { code });
    });
    await recordApplied(db, migration.name, block);
    applied.push({ name: migration.name, milliseconds: performance.now() - started, changes });
    onApplied?.(applied.at(-1) as AppliedMigration);
  }
  const expected = fold(migrations.flatMap(({ changes }) => changes));
  const { schema } = await readSchema(db, { collections: Object.keys(expected), documents: documentKeys(expected) });
  return { applied, schema: summarize(schema) };
}
