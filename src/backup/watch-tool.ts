import { SchemaError } from '../support/schema-error';
import type { OnEvent } from './events';
import type { RunningTool } from './run-tool';

/** These three times are in milliseconds. */
const looksEvery = 1_000;
const saysAfter = 30_000;
const usualPatience = 300_000;

export interface ToolWatch {
  /** Rejects when the tool has to end. */
  readonly guard: () => Promise<void>;
  /** Returns a number that grows with the tool's progress. New output of the tool counts as progress too. */
  readonly done: () => number;
  /** How long the tool may make no progress before it is ended, in milliseconds. The default is five minutes. */
  readonly patience?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Watches a tool with its own connection to the server: without a reply from the server, it would wait for ever. Ends the tool when `guard`
 * rejects, or when the tool has made no progress for too long.
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
      const message = `${name} has made no progress for ${seconds(silence)} s; it will be stopped after ${seconds(patience)} s, or by Ctrl-C`;
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
  return new SchemaError('BACKUP', `${name} was stopped, because it made no progress for ${seconds(silence)} s`, {
    why: 'the server, or something between this machine and the server, does not answer any more',
    fix: 'check the server with db.currentOp(), and try again',
  });
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}
