export { discardServer, startEmbedded, type EmbeddedOptions, type Member, type RunningServer } from './embedded';
export { findMongod, type FoundMongod } from './find-mongod';
export { resolveServer, serverVersion, type ResolveOptions, type ResolvedServer } from './resolve';
export { runDb, type RunDbOptions } from './run-db';
export { waitForServer, type WaitOptions } from './wait';
