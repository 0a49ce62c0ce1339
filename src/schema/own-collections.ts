/** The collections that this repository and migrate-mongo keep for themselves. They are no part of any schema. */
export const ownCollections = {
  /** What is applied: migrate-mongo's own format. */
  changelog: 'changelog',
  /** Named in migrate-mongo's configuration, never used: its lock stays off. */
  changelogLock: 'changelog_lock',
  /** What happened, append-only. */
  history: 'schema_history',
  /** How far backfills have come. */
  checkpoints: 'schema_checkpoints',
  /** Who may write. */
  lock: 'schema_lock',
} as const;

const names: ReadonlySet<string> = new Set(Object.values(ownCollections));

export function isOwnCollection(name: string): boolean {
  return names.has(name);
}
