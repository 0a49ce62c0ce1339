import type { CollectionName } from '../../models';
import type { ErrorReport } from '../../src/support/schema-error';
import type { World } from '../world';
import type { Filled } from './fill';

/** The task for a worker. */
export interface Order {
  /** The URL with user and password, because a thread can receive texts, but not instances of classes. */
  readonly url: string;
  readonly database: string;
  readonly world: World;
  readonly batch?: number | undefined;
  readonly inFlight?: number | undefined;
}

/** The messages of a worker. An error loses its fields between threads, so its text is sent. */
export type Report =
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'filled'; readonly filled: ReadonlyMap<CollectionName, Filled> }
  | { readonly type: 'failed'; readonly report: ErrorReport };

/** The messages to a worker. */
export type Instruction = 'stop';
