import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { product } from '../../product';
import { busy } from '../../src/cli/busy';
import { table } from '../../src/cli/output';
import { createProgram, run } from '../../src/cli/run';
import { takesColours, type MaybeTerminal } from '../../src/cli/terminal';
import { Collected } from '../support/schema-command';
import { seed } from '../support/seed';

const escape = '\u001b[';
const terminal = (env: Record<string, string> = {}, { isTTY = true, columns = 60 }: MaybeTerminal = {}) => {
  const stderr = Object.assign(new Collected(), { isTTY, columns });
  const io = { stdin: Readable.from([]), stdout: new Collected(), stderr };
  return { io, env, context: createProgram(io, env, product).context };
};

describe('Colours', () => {
  it.each<[title: string, env: Record<string, string>, stream: MaybeTerminal, expected: boolean]>([
    ['on a terminal', {}, { isTTY: true }, true],
    ['in a pipe', {}, {}, false],
    ['where NO_COLOR is set', { NO_COLOR: '1' }, { isTTY: true }, false],
    ['in CI', { CI: 'true' }, { isTTY: true }, false],
    ['where CI says no', { CI: 'false' }, { isTTY: true }, true],
    ['on a terminal that has none', { TERM: 'dumb' }, { isTTY: true }, false],
  ])('%s', async (_title, env, stream, expected) => {
    expect(takesColours(stream, env)).toBe(expected);
    const { io } = terminal(env, stream.isTTY === true ? {} : { isTTY: false });
    expect(await run(['deplyo'], io, env, product)).toBe(64);
    expect(io.stderr.text.includes(escape)).toBe(expected);
    expect(io.stderr.text).toContain('did you mean deploy?');
  });
});

describe('A table', () => {
  const head = ['name', 'documents', 'note'];
  const rows = [
    ['20260101000000-users.ts', 5, 'cleared the lease of somebody who was away for longer than the lease lasts'],
    ['20260102000000-emails.ts', 12_345, '短い 名前'],
  ];

  it('fits the terminal, and loses no word', () => {
    const lines = table(head, rows, 60).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    expect(lines.length).toBeGreaterThan(3);
    const words = (text: string) => text.split(/\s+/).filter(Boolean).sort();
    expect(words(lines.join(' '))).toEqual(words(table(head, rows)));
  });

  it('cuts nothing where not even its words fit', () => {
    const text = table(head, rows, 10);
    for (const [name] of rows) expect(text).toContain(name);
    expect(text).not.toContain('…');
  });

  it('is one line a row where it fits, or nothing tells how wide it may be', () => {
    expect(table(head, rows).split('\n')).toHaveLength(3);
    expect(table(head, rows, 200)).toBe(table(head, rows));
  });

  it('of plain letters looks like one that the library for layouts makes', () => {
    // One letter outside of ASCII makes the library lay out the whole table.
    const other = ['é', '', ''];
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 12 });
    const cell = fc.oneof(text, fc.nat(100_000));
    const tables = fc.tuple(
      fc.tuple(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }), text, text),
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
    );
    fc.assert(
      fc.property(tables, ([names, cells]) => {
        const lines = table(names, [...cells, other]).split('\n');
        expect(table(names, cells).split('\n')).toEqual(lines.slice(0, -1));
      }),
      { seed },
    );
  });

  it('of a verb fits what COLUMNS says', () => {
    const { context } = terminal({ COLUMNS: '70' });
    expect(context.columns).toBe(70);
    expect(terminal().context.columns).toBeUndefined();
  });
});

describe('What takes a while', () => {
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  it('is told on a terminal after a second, in a line that makes room for others and goes at the end', async () => {
    const { io, context } = terminal({}, { columns: 24 });
    const found = await busy(context, 'looking at the database', async () => {
      await wait(1_400);
      context.progress('a line of its own');
      return 5;
    });
    expect(found).toBe(5);
    const clear = '\r\u001b[2K';
    const [first, ...others] = io.stderr.text.split(clear);
    expect(first).toBe('');
    expect(others.slice(0, 2)).toEqual(['looking at the database', expect.stringMatching(/^looking|^a line/)]);
    expect(others).toContain('a line of its own\n');
    for (const drawn of io.stderr.text.split(clear)) expect((drawn.split('\n')[0] ?? '').length).toBeLessThan(24);
    expect(io.stdout.text).toBe('');
    const before = io.stderr.text;
    await wait(400);
    expect(io.stderr.text).toBe(before);
  });

  it('is not told elsewhere, nor when it is over by then', async () => {
    const [pipe, quick] = [terminal({}, { isTTY: false }), terminal()];
    await Promise.all([
      busy(pipe.context, 'looking', () => wait(1_400)),
      busy(quick.context, 'looking', () => wait(50)),
    ]);
    expect(pipe.io.stderr.text + quick.io.stderr.text).toBe('');
  });

  it('has one line, whatever is done within it, and none where something else tells how far it is', async () => {
    const [outer, told] = [terminal(), terminal()];
    await Promise.all([
      busy(outer.context, 'looking', () => busy(outer.context, 'starting', () => wait(1_400))),
      busy(
        told.context,
        'looking',
        () => wait(1_400),
        () => true,
      ),
    ]);
    expect(outer.io.stderr.text).toContain('looking: 1 second');
    expect(outer.io.stderr.text).not.toContain('starting');
    expect(told.io.stderr.text).toBe('');
  });

  it('makes room for what is printed as well', async () => {
    const { io, context } = terminal();
    await busy(context, 'looking', async () => {
      await wait(1_400);
      context.print({}, ['a result'], {});
      expect(io.stderr.text.endsWith('\r\u001b[2K')).toBe(true);
    });
    expect(io.stdout.text).toBe('a result\n');
  });

  it('ends with the error of what failed, and without the line', async () => {
    const { io, context } = terminal();
    const failing = busy(context, 'looking', async () => {
      await wait(1_400);
      throw new Error('it broke');
    });
    await expect(failing).rejects.toThrow('it broke');
    expect(io.stderr.text.endsWith('looking: 1 second\r\u001b[2K')).toBe(true);
  });
});
