import type { CollectionName } from '../../src/models';
import type { World } from '../world';
import type { Filled } from './fill';

/** What a worker is started with. */
export interface Order {
  readonly url: string;
  readonly database: string;
  readonly world: World;
  readonly batch?: number | undefined;
  readonly inFlight?: number | undefined;
}

/** What it tells. Errors lose their code on the way between threads, so it goes beside them. */
export type Report =
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'filled'; readonly filled: ReadonlyMap<CollectionName, Filled> }
  | { readonly type: 'failed'; readonly error: unknown; readonly code: unknown };

/** What it is told. */
export type Instruction = 'stop';
