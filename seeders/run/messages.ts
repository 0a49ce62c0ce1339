import type { CollectionName } from '../../models';
import type { ErrorReport } from '../../src/support/schema-error';
import type { World } from '../world';
import type { Filled } from './fill';

/** The task for a worker. */
export interface Order {
  /** The URL as text, with user and password: an instance of a class such as MongoUrl cannot be sent to a thread. */
  readonly url: string;
  readonly database: string;
  readonly world: World;
  readonly batch?: number | undefined;
  readonly inFlight?: number | undefined;
}

/** The messages of a worker. An error would lose its fields on the way to another thread, so its report is sent instead. */
export type Report =
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'filled'; readonly filled: ReadonlyMap<CollectionName, Filled> }
  | { readonly type: 'failed'; readonly report: ErrorReport };

/** The messages to a worker. */
export type Instruction = 'stop';
