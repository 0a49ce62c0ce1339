export { foldsOf, movesOf, Replay, type Move } from './replay';
export { hasLintErrors, isSound, type RoundReport } from './report';
export { watchMigrations, type WatchOptions } from './watch';
