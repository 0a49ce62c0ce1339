export { ensureChangelogIndex, readChangelog, recordApplied, removeApplied } from './changelog';
export type { ChangelogRow } from './changelog';
export { checksumOfFile } from './checksum';
