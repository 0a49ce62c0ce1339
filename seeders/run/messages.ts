import type { CollectionName } from '../../models';
import type { ErrorReport } from '../../src/support/schema-error';
import type { World } from '../world';
import type { Filled } from './fill';

/** What a worker is started with. */
export interface Order {
  /** With user and password: a thread is handed texts alone, and no class. */
  readonly url: string;
  readonly database: string;
  readonly world: World;
  readonly batch?: number | undefined;
  readonly inFlight?: number | undefined;
}

/** What it sends back. Errors lose their fields on the way between threads, so what they say is sent. */
export type Report =
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'filled'; readonly filled: ReadonlyMap<CollectionName, Filled> }
  | { readonly type: 'failed'; readonly report: ErrorReport };

/** What is sent to it. */
export type Instruction = 'stop';
