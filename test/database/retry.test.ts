import { setTimeout as sleep } from 'node:timers/promises';
import { MongoNetworkError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isTransient, withRetry, type RetryOptions } from '../../src/database/retry';
import { because, reportOf } from '../../src/support/schema-error';

const lost = () => new MongoNetworkError('the connection was lost');

/** Work that is lost after so many milliseconds, as often as it may be, and then comes to its end. */
function lossesOf(times: number, { after = 0, onTry }: { after?: number; onTry?: () => void } = {}) {
  let tries = 0;
  return async () => {
    tries++;
    onTry?.();
    if (tries > times) return tries;
    await sleep(after);
    throw lost();
  };
}

async function codeOf(work: () => Promise<unknown>, options: RetryOptions): Promise<string> {
  return withRetry(work, options).then(
    () => 'none',
    (error: unknown) => reportOf(error).code,
  );
}

describe.concurrent('Work that is lost', () => {
  it('is tried again until the patience is over', async () => {
    expect(await codeOf(lossesOf(3), { patience: 10_000 })).toBe('none');
    expect(await codeOf(lossesOf(1_000), { patience: 300 })).toBe('CONNECTION_FAILED');
  });

  it('is tried again for as long as commands succeed in between: the patience begins anew', async () => {
    let commands = 0;
    const progress = () => ({ commands, writes: 0 });
    const work = lossesOf(8, { after: 60, onTry: () => commands++ });
    expect(await codeOf(work, { patience: 200, progress })).toBe('none');
    expect(await codeOf(lossesOf(8, { after: 60 }), { patience: 200, progress })).toBe('CONNECTION_FAILED');
  });

  it('is tried no more than twenty times in a row when each time some read succeeds and no write does', async () => {
    let commands = 0;
    let tries = 0;
    const onTry = () => {
      commands++;
      tries++;
    };
    const options = { patience: 50, progress: () => ({ commands, writes: 0 }) };
    expect(await codeOf(lossesOf(1_000, { onTry }), options)).toBe('CONNECTION_FAILED');
    expect(tries).toBeGreaterThanOrEqual(20);
    expect(tries).toBeLessThan(30);
  });

  it('is tried without end while writes succeed', async () => {
    let writes = 0;
    const progress = () => ({ commands: writes, writes });
    expect(await codeOf(lossesOf(50, { onTry: () => writes++ }), { patience: 20, progress })).toBe('none');
  });

  it('is not tried again by whoever called what gave up', async () => {
    const inner = () => withRetry(lossesOf(1_000), { patience: 50 });
    let calls = 0;
    const outer = async () => {
      calls++;
      await inner().catch((error: unknown) => {
        throw because(error, 'Cannot do it');
      });
    };
    expect(await codeOf(outer, { patience: 60_000 })).toBe('CONNECTION_FAILED');
    expect(calls).toBe(1);
  });

  it('throws its own error once it was told to stop', async () => {
    const error = await withRetry(lossesOf(5), { signal: AbortSignal.abort() }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MongoNetworkError);
    expect(isTransient(error)).toBe(true);
  });
});
