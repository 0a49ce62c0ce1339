import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inWords, Pace, type Progress } from '../../src/cli/pace';
import { progressBar } from '../../src/cli/progress-bar';

/** A pace on a clock of the test, fed with how much is done, and of how much, second by second. */
function paceAfter(progress: readonly (readonly [second: number, done: number, total: number])[], now?: number) {
  let clock = 0;
  const pace = new Pace(() => clock);
  for (const [second, done, total] of progress) {
    clock = second * 1000;
    pace.update({ what: 'backfill users', done, total });
  }
  clock = (now ?? clock / 1000) * 1000;
  return pace;
}

const lineAfter = (...[progress, now]: Parameters<typeof paceAfter>) => paceAfter(progress, now).line('documents');

describe('The line of something that goes on', () => {
  it.each<[name: string, expected: string, ...Parameters<typeof paceAfter>]>([
    ['at first', '0 of 2,000 documents, 0%', [[0, 0, 2000]]],
    ['at a steady rate', '1,000 of 2,000 documents, 50%, 100/s, 10 seconds left', steady(10, 100, 2000)],
    ['at the end', '5 of 5 documents, 100%, 1/s', steady(5, 1, 5)],
    [
      'slowly',
      '2 of 100 documents, 2%, 2/min, 49 minutes left',
      [
        [0, 0, 100],
        [30, 1, 100],
        [60, 2, 100],
      ],
    ],
    [
      'with more done than there was to do',
      '79 documents, 7.9/s',
      [
        [0, 0, 5],
        [10, 79, 5],
      ],
    ],
    [
      'of nothing',
      '0 documents',
      [
        [0, 0, 0],
        [5, 0, 0],
      ],
    ],
    [
      'of a total that shrinks',
      '50 of 60 documents, 83%, 5/s, 2 seconds left',
      [
        [0, 0, 100],
        [10, 50, 60],
      ],
    ],
    [
      'of a total that is no number',
      '50 documents, 5/s',
      [
        [0, 0, Number.NaN],
        [10, 50, Number.NaN],
      ],
    ],
    [
      'of a total without an end',
      '50 documents, 5/s',
      [
        [0, 0, Infinity],
        [10, 50, Infinity],
      ],
    ],
    [
      'of a negative total',
      '50 documents, 5/s',
      [
        [0, 0, -1],
        [10, 50, -1],
      ],
    ],
    [
      'with something else than numbers done',
      '0 documents',
      [
        [0, 0, 10],
        [10, Number.NaN, 10],
      ],
    ],
    ['with less than nothing done', '0 of 10 documents, 0%', [[0, -5, 10]]],
    [
      'with huge numbers',
      '9,000,000,000,000 of 9,007,199,254,740,991 documents, 0%, 900,000,000,000/s, 2 hours 46 minutes left',
      [
        [0, 0, Number.MAX_SAFE_INTEGER],
        [10, 9e12, Number.MAX_SAFE_INTEGER],
      ],
    ],
    [
      'that would take longer than a year',
      '1 of 9,000,000,000 documents, 0%, 1/s, more than 365 days left',
      steady(1, 1, 9e9),
    ],
    [
      'that stands still',
      '50 of 100 documents, 50%, no progress for 1 minute',
      [
        [0, 0, 100],
        [10, 50, 100],
      ],
      70,
    ],
    [
      'that begins anew',
      '10 of 100 documents, 10%, 5/s, 18 seconds left',
      [
        [0, 0, 100],
        [1, 90, 100],
        [2, 0, 100],
        [4, 10, 100],
      ],
    ],
    [
      'that began before',
      '9,010 of 10,000 documents, 90%, 1/s, 16 minutes 30 seconds left',
      [
        [0, 9000, 10_000],
        [10, 9010, 10_000],
      ],
    ],
    [
      'whose rate has changed',
      '1,060 of 1,100 documents, 96%, 1/s, 40 seconds left',
      [...steady(10, 100, 1100), ...slower()],
    ],
  ])('%s', (_, expected, progress, now) => {
    const line = lineAfter(progress, now);
    expect(line).toBe(`backfill users: ${expected}`);
    expect(line).not.toMatch(/NaN|NF|Infinity|-\d/);
  });

  it('never tells of numbers that are none, whatever it is fed', () => {
    const odd = [0, -1, 0.5, 1, 5, 79, 1e9, 1e21, Number.MAX_VALUE, Number.NaN, Infinity, -Infinity];
    for (const done of odd)
      for (const total of odd)
        for (const later of odd) {
          const line = lineAfter(
            [
              [0, done, total],
              [10, later, total],
            ],
            20,
          );
          expect(line).not.toMatch(/NaN|NF|Infinity|-\d|undefined/i);
          expect(line.length).toBeLessThan(160);
        }
  });

  it('fits the width: what it is about is cut before what is known of it', () => {
    const pace = paceAfter(steady(10, 100, 2000));
    const facts = '1,000 of 2,000 documents, 50%, 100/s, 10 seconds left';
    expect(pace.line('documents', 80)).toBe(`backfill users: ${facts}`);
    expect(pace.line('documents', 60)).toBe(`back…: ${facts}`);
    for (let width = 0; width < 80; width++) expect(pace.line('documents', width).length).toBeLessThanOrEqual(width);
  });

  it.each([
    [0, '1 second'],
    [59.4, '59 seconds'],
    [60, '1 minute'],
    [125, '2 minutes 5 seconds'],
    [3600, '1 hour'],
    [5400, '1 hour 30 minutes'],
    [90_061, '1 day 1 hour'],
    [Infinity, 'more than 365 days'],
  ])('tells %d seconds in words', (seconds, words) => {
    expect(inWords(seconds)).toBe(words);
  });
});

function steady(seconds: number, each: number, total: number): [number, number, number][] {
  return Array.from({ length: seconds + 1 }, (_, second) => [second, second * each, total]);
}

function slower(): [number, number, number][] {
  return Array.from({ length: 60 }, (_, second) => [second + 11, 1001 + second, 1100]);
}

describe('Progress on stderr', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function shownOn(stream: { isTTY?: boolean; columns?: number }, env: Record<string, string> = {}) {
    const shown: string[] = [];
    const write = (text: Buffer, _: string, done: () => void) => {
      shown.push(text.toString());
      done();
    };
    const stderr = Object.assign(new Writable({ write }), stream);
    return { shown, context: { io: { stdin: process.stdin, stdout: process.stdout, stderr }, env } };
  }

  function run(bar: ReturnType<typeof progressBar>, seconds: number, total = 2_000): void {
    const progress = (done: number): Progress => ({ what: 'backfill users', done, total });
    bar.update(progress(0));
    for (let second = 1; second <= seconds; second++) {
      vi.advanceTimersByTime(1_000);
      bar.update(progress(second * 100));
    }
  }

  it('is a plain line every 10 s where there is no terminal', () => {
    const { shown, context } = shownOn({});
    const bar = progressBar(context);
    run(bar, 20);
    bar.stop();
    expect(shown).toEqual([
      'backfill users: 0 of 2,000 documents, 0%\n',
      'backfill users: 1,000 of 2,000 documents, 50%, 91/s, 11 seconds left\n',
      'backfill users: 2,000 of 2,000 documents, 100%, 100/s\n',
    ]);
  });

  it('goes on to be told of while nothing comes', () => {
    const { shown, context } = shownOn({});
    const bar = progressBar(context);
    run(bar, 5);
    vi.advanceTimersByTime(60_000);
    expect(shown).toHaveLength(7);
    expect(shown.at(-1)).toBe('backfill users: 500 of 2,000 documents, 25%, no progress for 56 seconds\n');
    bar.stop();
  });

  it('is not told of where there is no terminal, and it is over soon', () => {
    const { shown, context } = shownOn({});
    const bar = progressBar(context);
    bar.update({ what: 'backfill users', done: 1, total: 2 });
    vi.advanceTimersByTime(900);
    bar.stop();
    expect(shown).toEqual([]);
  });

  it.each([
    ['the stream', { columns: 60 }, {}],
    ['COLUMNS', {}, { COLUMNS: '60' }],
  ])('is one line on a terminal, drawn anew and as wide as %s says', (_, stream, env) => {
    const { shown, context } = shownOn({ isTTY: true, ...stream }, env);
    const bar = progressBar(context);
    run(bar, 3);
    bar.stop();
    expect(shown.pop()).toBe('\n');
    expect(shown.length).toBeGreaterThan(3);
    for (const text of shown) {
      expect(text.startsWith('\r\u001b[2K')).toBe(true);
      expect(text).not.toContain('\n');
      expect(text.length - '\r\u001b[2K'.length).toBeLessThan(60);
    }
    expect(shown.at(-1)).toContain('300 of 2,000 documents, 15%, 100/s, 17 seconds left');
  });

  it('that shows itself after a second stays away from what is done by then', () => {
    const { shown, context } = shownOn({ isTTY: true });
    const bar = progressBar(context, { after: 1_000 });
    bar.update({ what: 'seeding', done: 1, total: 10 });
    vi.advanceTimersByTime(900);
    bar.update({ what: 'seeding', done: 10, total: 10 });
    bar.stop();
    expect(shown).toEqual([]);
  });

  it('shows no control characters of what it is about', () => {
    const { shown, context } = shownOn({ isTTY: true });
    const bar = progressBar(context);
    bar.update({ what: 'a\u001b[31m\nb', done: 1, total: 10 });
    bar.stop();
    expect(shown[0]?.slice('\r\u001b[2K'.length)).toBe('a\\u001b[31m\\u000ab: 1 of 10 documents, 10%');
  });
});
