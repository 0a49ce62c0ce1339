import type { ChangelogRow, StoredEvent } from '../../src/history';

export const [a, b, c] = ['20260101000000-a.ts', '20260102000000-b.ts', '20260103000000-c.ts'] as const;

const at = new Date('2026-01-31T09:30:00Z');
let sequence = 0;

/** An event as it would be stored, after all that were made before it; each is an attempt of its own unless it says so. */
export function event(type: StoredEvent['type'], migration: string, more: Partial<StoredEvent> = {}): StoredEvent {
  const number = ++sequence;
  return {
    ...{ type, migration, at, token: 1, sequence: number, attempt: `attempt ${number}` },
    ...{ host: 'host-1', user: 'ann', pid: 42, versions: { tool: '0.1.0', node: '20.19.0', server: '7.0.28' } },
    ...more,
  };
}

export function applied(migration: string, checksum = 'as written', more: Partial<StoredEvent> = {}): StoredEvent {
  return event('finished', migration, { direction: 'up', checksum, ...more });
}

export function row(fileName: string): ChangelogRow {
  return { fileName, appliedAt: at, migrationBlock: 1 };
}

export function text(name: string, checksum = 'as written') {
  return { name, checksum };
}
