import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { progressBar } from '../../src/commands/progress-bar';

let shown = '';
beforeEach(() => {
  shown = '';
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('A progress bar', () => {
  it('that shows itself after a second stays away from what is done by then', () => {
    const bar = progressBar({ after: 1_000 });
    bar.update({ what: 'documents', done: 1, total: 10 });
    vi.advanceTimersByTime(900);
    bar.update({ what: 'documents', done: 10, total: 10 });
    bar.stop();
    expect(shown).toBe('');
  });

  it('tells how far it is, how fast it goes, and how long it takes yet', () => {
    const bar = progressBar({ after: 1_000 });
    for (let second = 0; second <= 10; second++) {
      bar.update({ what: 'documents', done: second * 100, total: 2_000 });
      vi.advanceTimersByTime(1_000);
    }
    bar.stop();
    expect(shown).toMatch(/documents \[.*\] 50% \| 1000\/2000 \| 100\/s \| \d+s left/);
  });
});
