import { describe, expect, it } from 'vitest';
import { generatePage } from '../../bench/page';
import { readRecords, thisNode, withRuns, worseThanRecorded, type Measured } from '../../bench/records';
import type { Ratio, Result } from '../../bench/results';
import { read } from '../../bench/scale/page';

const ratio = (value: number, what = 'a deploy'): Ratio => ({
  kind: 'ratio',
  what,
  unit: 'ms',
  ours: value,
  theirs: 1,
  ratio: value,
  least: value,
  largest: value,
  limit: 1.5,
});

const measured = (...results: Result[]): Measured => ({
  date: '2026-01-31',
  machine: 'a machine',
  node: 'v20.19.0',
  server: 'mongod 7.0.0',
  isShort: false,
  results,
});

describe('docs/benchmarks.md', () => {
  it('has what is recorded in bench/recorded.json, and the pictures of it', async () => {
    const records = await readRecords();
    expect(records, 'nothing is recorded: npm run bench -- --record').toBeDefined();
    for (const { file, text } of await generatePage(records ?? {})) {
      expect(await read(file), `${file}: npm run bench -- --page writes it`).toBe(text);
    }
  });

  it('names each goal that is missed', async () => {
    const results = [ratio(1.2, 'one'), ratio(1.8, 'another')];
    const [page] = await generatePage({ 20: { deploy: measured(...results) } });
    expect(page?.text).toContain(
      '1 of 2:\n\n- Deploy of the whole schema: another. The ratio is 1.80, and the goal is 1.5.',
    );
  });

  it('says so when no goal is missed', async () => {
    const [page] = await generatePage({ 20: { deploy: measured(ratio(1.5)) } });
    expect(page?.text).toContain('None of 1.');
  });
});

describe('A comparison with the recorded ratios', () => {
  const before = { deploy: measured(ratio(1)) };

  it('accepts a ratio up to 1.5 times the recorded one, and no more', () => {
    expect(worseThanRecorded({ deploy: measured(ratio(1.5)) }, before)).toEqual([]);
    expect(worseThanRecorded({ deploy: measured(ratio(1.51)) }, before)).toEqual([
      'a deploy: the ratio is 1.51; recorded is 1.00',
    ]);
  });

  it('reports a ratio that is compared with nothing', () => {
    const [line] = worseThanRecorded({ deploy: measured(ratio(1, 'something new')) }, before);
    expect(line).toMatch(/^something new: nothing is recorded to compare with/);
  });

  it('keeps the records of other versions of Node and of other benches', () => {
    const others = { 1: { seed: measured(ratio(3)) }, [thisNode]: { seed: measured(ratio(2)) } };
    expect(withRuns(others, before)).toEqual({ ...others, [thisNode]: { seed: measured(ratio(2)), ...before } });
  });
});
