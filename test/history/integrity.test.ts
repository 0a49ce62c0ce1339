import { describe, expect, it } from 'vitest';
import { inAppliedOrder, interruptedAttempts, isBroken, judgeHistory, type StoredEvent } from '../../src/history';
import { a, applied, b, c, event, row, text } from './events';

/** What a migration's events look like while it goes down. */
const down = (more: Partial<StoredEvent> = {}) => ({ direction: 'down', checksum: 'as written', ...more }) as const;
const up = { direction: 'up', checksum: 'as written' } as const;
const states = (...history: Parameters<typeof judgeHistory>) => judgeHistory(...history).map(({ state }) => state);
/** The state of one migration, which is recorded, with these events. */
const stateOf = (events: readonly StoredEvent[], checksum = 'as written') =>
  states([text(a, checksum)], [row(a)], events)[0];

describe('A migration that is recorded', () => {
  it('is applied when its text is the one that was applied, or that was found there', () => {
    expect(stateOf([applied(a)])).toBe('applied');
    expect(stateOf([event('baselined', a, { checksum: 'as written' })])).toBe('applied');
  });

  it('is edited when its text is another one', () => {
    expect(stateOf([applied(a)], 'rewritten')).toBe('edited');
    expect(stateOf([event('baselined', a, { checksum: 'as written' })], 'rewritten')).toBe('edited');
  });

  it('is judged by the last text that was applied', () => {
    expect(stateOf([applied(a, 'first'), event('finished', a, down()), applied(a, 'second')], 'second')).toBe(
      'applied',
    );
    expect(stateOf([applied(a, 'first'), event('finished', a, down()), applied(a, 'second')], 'first')).toBe('edited');
  });

  it('is missing when its file is gone', () => {
    expect(states([], [row(a)], [applied(a)])).toEqual(['missing']);
  });

  it('is unknown when no event tells how that came about', () => {
    expect(stateOf([])).toBe('unknown');
    expect(stateOf([event('failed', a, up)])).toBe('unknown');
  });

  it.each([
    ['began', [event('started', a, down())]],
    ['was interrupted', [event('started', a, down({ attempt: 'x' })), event('interrupted', a, down({ attempt: 'x' }))]],
    ['failed half-way', [event('failed', a, down())]],
    ['ended, but for its row', [event('finished', a, down())]],
    ['began, and its way back up was interrupted', [event('started', a, down()), event('started', a, up)]],
  ] as const)('is half rolled back when a down %s', (_title, events) => {
    const history = [applied(a), ...events];
    expect(stateOf(history)).toBe('half rolled back');
    expect(states([], [row(a)], history)).toEqual(['half rolled back']);
    expect(stateOf([...history, applied(a)])).toBe('applied');
  });

  it('stays as it was when its down was refused before anything was written', () => {
    const refused = (type: 'failed' | 'interrupted') => [
      event('started', a, down({ attempt: type })),
      event(type, a, down({ attempt: type, changes: [] })),
    ];
    expect(stateOf([applied(a), ...refused('failed'), ...refused('interrupted')])).toBe('applied');
    expect(stateOf([applied(a), ...refused('failed')], 'rewritten')).toBe('edited');
    expect(stateOf([applied(a), event('failed', a, down()), ...refused('failed')])).toBe('half rolled back');
  });
});

describe('A migration that is not recorded', () => {
  it('is pending when it is newer than all that are', () => {
    expect(states([text(a), text(b)], [row(a)], [applied(a)])).toEqual(['applied', 'pending']);
    expect(states([text(a)], [], [])).toEqual(['pending']);
  });

  it('is late when it is older than one that is, whatever became of that one', () => {
    expect(states([text(a), text(b)], [row(b)], [applied(b)])).toEqual(['late', 'applied']);
    expect(states([text(a)], [row(b)], [applied(b)])).toEqual(['late', 'missing']);
  });

  it('is failed when the last attempt at it came to nothing, and no longer once it was rolled back', () => {
    for (const type of ['started', 'failed', 'interrupted'] as const) {
      const [status] = judgeHistory([text(a)], [], [event(type, a, up)]);
      expect(status).toMatchObject({ state: 'failed', failure: { type } });
    }
    expect(states([text(a)], [], [event('failed', a, up), applied(a), event('finished', a, down())])).toEqual([
      'pending',
    ]);
  });

  it('is pending when a run died between its end and its row', () => {
    expect(judgeHistory([text(a)], [], [applied(a)])).toEqual([
      { name: a, state: 'pending', checksum: 'as written', isRecorded: false },
    ]);
  });
});

describe('The word of a person', () => {
  const accepted = (checksum?: string) => event('accepted', a, { reason: 'r', ...(checksum && { checksum }) });

  it('makes an edited migration applied, as long as its text stays the one that was accepted', () => {
    expect(stateOf([applied(a), accepted('rewritten')], 'rewritten')).toBe('applied');
    expect(stateOf([applied(a), accepted('rewritten')], 'rewritten again')).toBe('edited');
    expect(stateOf([applied(a), accepted('rewritten')], 'as written')).toBe('applied');
  });

  it('no longer counts once another text was applied', () => {
    const again = [applied(a), accepted('rewritten'), event('finished', a, down()), applied(a, 'third')];
    expect(stateOf(again, 'rewritten')).toBe('edited');
    expect(stateOf(again, 'third')).toBe('applied');
  });

  it('makes a missing migration applied, until its file comes back with another text', () => {
    const history = [applied(a), accepted()];
    expect(states([], [row(a)], history)).toEqual(['applied']);
    expect(stateOf(history)).toBe('applied');
    expect(stateOf(history, 'rewritten')).toBe('edited');
  });

  it('makes an unknown migration applied', () => {
    expect(stateOf([accepted('as written')])).toBe('applied');
    expect(stateOf([accepted('as written')], 'rewritten')).toBe('unknown');
  });

  it('makes a late migration pending, with the text that was accepted', () => {
    const late = (checksum: string, ...events: StoredEvent[]) =>
      states([text(a, checksum), text(b)], [row(b)], [applied(b), accepted('as written'), ...events])[0];
    expect(late('as written')).toBe('pending');
    expect(late('rewritten')).toBe('late');
    expect(late('as written', event('failed', a, up))).toBe('failed');
    expect(late('as written', applied(a), event('finished', a, down()))).toBe('pending');
  });

  it('does not finish what is half rolled back', () => {
    expect(stateOf([applied(a), event('started', a, down()), accepted('as written')])).toBe('half rolled back');
  });
});

describe('Every migration', () => {
  it('is judged, in the order of the names, with what is known of it', () => {
    const written = { checksum: 'as written' };
    const events = [applied(c), applied(a), event('accepted', b, { checksum: 'as written' }), event('unlocked', '')];
    expect(judgeHistory([text(b), text(a)], [row(c), row(a)], events)).toEqual([
      { ...written, isRecorded: true, name: a, state: 'applied', applied: events[1], appliedAt: row(a).appliedAt },
      { ...written, isRecorded: false, name: b, state: 'pending', accepted: events[2] },
      { isRecorded: true, name: c, state: 'missing', applied: events[0], appliedAt: row(c).appliedAt },
    ]);
  });

  it('is broken in five states', () => {
    const all = ['applied', 'pending', 'failed', 'edited', 'missing', 'late', 'half rolled back', 'unknown'] as const;
    expect(all.filter((state) => isBroken({ state }))).toEqual(all.slice(3));
  });
});

describe('The applied order', () => {
  const order = (...events: StoredEvent[]) =>
    inAppliedOrder(judgeHistory([text(a), text(b), text(c)], [row(a), row(b), row(c)], events)).map(({ name }) => name);

  it('goes by token and then by sequence, as numbers, and by no clock', () => {
    const [early, late] = [new Date('2026-01-01'), new Date('2026-12-31')];
    const of = (name: string, token: number, sequence: number, at: Date) => applied(name, '', { token, sequence, at });
    expect(order(of(b, 2, 1, late), of(a, 9, 7, early), of(c, 10, 2, early))).toEqual([b, a, c]);
    expect(order(of(c, 3, 2, late), of(b, 3, 10, early), of(a, 4, 1, early))).toEqual([c, b, a]);
  });

  it('counts the last time that a migration was applied', () => {
    expect(order(applied(a), applied(b), applied(c), event('finished', a, down()), applied(a))).toEqual([b, c, a]);
  });

  it('has those of which nothing is known after all that have lesser names', () => {
    expect(order()).toEqual([a, b, c]);
    expect(order(applied(c))).toEqual([a, b, c]);
    expect(order(applied(b), applied(a))).toEqual([b, a, c]);
  });

  it('leaves out what is not applied', () => {
    expect(inAppliedOrder(judgeHistory([text(a)], [], [applied(a)]))).toEqual([]);
  });
});

it('An attempt is interrupted when it began and never ended', () => {
  const attempts = ['ended', 'died', 'failed', 'told so already'].map((attempt) => event('started', a, { attempt }));
  const ends = [
    event('finished', a, { attempt: 'ended' }),
    event('failed', a, { attempt: 'failed' }),
    event('interrupted', a, { attempt: 'told so already' }),
  ];
  expect(interruptedAttempts([...attempts, ...ends]).map(({ attempt }) => attempt)).toEqual(['died']);
});

describe('A migration that began to be applied, and did not come to its end,', () => {
  const begun = event('started', a, { ...up, attempt: 'first' });
  const failed = event('failed', a, { ...up, attempt: 'first' });
  const unfinished = (...events: StoredEvent[]) => judgeHistory([text(a)], [], events)[0]?.unfinished;

  it('is known by the event that began the last attempt', () => {
    expect(unfinished(begun)).toBe(begun);
    expect(unfinished(begun, failed)).toBe(begun);
    const again = event('started', a, { ...up, attempt: 'second' });
    expect(unfinished(begun, failed, again)).toBe(again);
  });

  it('stays so after attempts that wrote nothing, and after a rollback that did not come to its end', () => {
    const idle = [
      event('started', a, { ...up, attempt: 'idle' }),
      event('failed', a, { ...up, attempt: 'idle', changes: [] }),
    ];
    expect(unfinished(...idle)).toBeUndefined();
    expect(unfinished(begun, failed, ...idle)).toBe(begun);
    expect(unfinished(begun, failed, event('started', a, down()))).toBe(begun);
  });

  it('is settled by its end, by its rollback, and by a restore of the database', () => {
    expect(unfinished(begun, failed, applied(a))).toBeUndefined();
    expect(unfinished(begun, failed, event('finished', a, down()))).toBeUndefined();
    const { migration: _, ...restored } = event('restored', '');
    expect(unfinished(begun, failed, restored)).toBeUndefined();
    const later = event('started', a, { ...up, attempt: 'later' });
    expect(unfinished(begun, failed, restored, later)).toBe(later);
  });

  it('is known without a file and a row, until that is accepted', () => {
    expect(judgeHistory([], [], [begun, failed])).toMatchObject([{ name: a, state: 'missing', isRecorded: false }]);
    expect(judgeHistory([], [], [begun, failed, event('accepted', a)])).toEqual([]);
    expect(judgeHistory([], [], [begun, failed, event('finished', a, down())])).toEqual([]);
  });
});
