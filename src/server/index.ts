/** Where a real mongod comes from: found, started, kept apart by version, stopped. */
export { startEmbedded, type EmbeddedOptions, type Member, type RunningServer } from './embedded';
export { ServerError, codeOf, messageOf, type ServerErrorCode } from './errors';
export { findMongod, runsInCI, type FoundMongod } from './find-mongod';
export { majorMinor } from './mongod-version';
export { identify, isAlive } from './processes';
export { resolveServer, serverVersion, type ResolvedServer, type ResolveOptions } from './resolve';
export { runDb, type RunDbOptions } from './run-db';
export { waitForServer, type WaitOptions } from './wait';
