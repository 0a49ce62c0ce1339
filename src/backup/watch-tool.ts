import { SchemaError } from '../support/schema-error';
import type { OnEvent } from './events';
import type { RunningTool } from './run-tool';

/** All in milliseconds. */
const looksEvery = 1_000;
const saysAfter = 30_000;
const usualPatience = 300_000;

export interface ToolWatch {
  /** Rejects when the tool has to end. */
  readonly guard: () => Promise<void>;
  /** How much it has done; whatever grows. What it says counts as well. */
  readonly done: () => number;
  /** How long it may get nothing done before it is ended, in milliseconds. Five minutes unless given. */
  readonly patience?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Watches a tool that talks to the server by itself: a reply that never comes would keep it waiting for good. It is ended when `guard`
 * rejects, or when it got nothing done for too long.
 */
export function watchTool(
  tool: RunningTool,
  name: string,
  { guard, done, patience = usualPatience, onEvent }: ToolWatch,
): { readonly stopped: () => Error | undefined; readonly end: () => void } {
  let stopped: Error | undefined;
  const stop = (reason: Error) => {
    stopped ??= reason;
    tool.kill();
  };
  let [seen, since, saidAt] = ['', performance.now(), 0];
  const timer = setInterval(() => {
    guard().catch(stop);
    const now = performance.now();
    const sight = `${done()} ${tool.lastLine()}`;
    if (sight !== seen) [seen, since, saidAt] = [sight, now, now];
    const silence = now - since;
    if (silence >= patience) stop(silentError(name, silence));
    else if (now - saidAt >= saysAfter) {
      saidAt = now;
      const message = `${name} has got nothing done for ${seconds(silence)} s; it is ended after ${seconds(patience)} s, or by Ctrl-C`;
      onEvent?.({ type: 'warning', message });
    }
  }, looksEvery);
  return {
    stopped: () => stopped,
    end: () => {
      clearInterval(timer);
    },
  };
}

function silentError(name: string, silence: number): SchemaError {
  return new SchemaError('BACKUP', `${name} was ended, since it got nothing done for ${seconds(silence)} s`, {
    why: 'the server, or something between, does not answer it any more',
    fix: 'look at the server with db.currentOp(), and try again',
  });
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}
