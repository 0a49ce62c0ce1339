export { changelogName, isOwnIn, nameChangelog } from './changelog-name';
export { withLeaseConnection, withReads, type Connection, type LeaseConnection, type Target } from './connection';
export { majority } from './durability';
export { isLocal } from './local';
export { describeBuild, readIndexBuilds, type IndexBuild } from './index-builds';
export { watchForLostReplies } from './lost-replies';
export {
  listCollections,
  readIndexes,
  readSchema,
  readSetAside,
  uuidsOf,
  type LiveSchema,
  type ReadOptions,
  type SetAside,
} from './read-schema';
export { finalError, isTransient, withRetry, type Progress } from './retry';
export { explainCommand, explainPrivilege } from './server-errors';
export { inspectServer, type ServerFacts } from './server-facts';
export { readServerStatus, type AskOptions, type ServerStatus, type TtlWork } from './server-status';
export { readSizes, sizeOf, type CollectionSize, type Sizes } from './sizes';
export type { Traffic, Unanswered } from './traffic';
