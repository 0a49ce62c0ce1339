import { describe, expect, it } from 'vitest';
import { growths } from '../../bench/scale/arrivals';
import { generateScale, read } from '../../bench/scale/page';
import { simulate } from '../../bench/scale/simulate';
import { textOf } from '../../bench/scale/shard-keys';

describe('docs/scale.md', () => {
  it('has the tables and the picture that bench/scale.ts writes', async () => {
    for (const { file, text } of await generateScale()) {
      expect(await read(file), `${file}: node -r ./scripts/quick-start.js bench/scale.ts writes it`).toBe(text);
    }
  });
});

describe('The simulation of shard keys', () => {
  const [results] = growths;
  const outcomes = new Map(
    results === undefined ? [] : simulate(results, 'zipf').map((outcome) => [textOf(outcome.key), outcome]),
  );

  it('sends every insert to one shard where the key grows with time, and moves the rest from there', () => {
    expect(outcomes.get('{ _id: 1 }')).toMatchObject({ busiest: 1, moved: expect.closeTo(0.75, 1) as unknown });
  });

  it('spreads a hashed _id evenly, without the balancer', () => {
    expect(outcomes.get("{ _id: 'hashed' }")).toMatchObject({ busiest: expect.closeTo(0.25, 1) as unknown, moved: 0 });
  });

  it('divides no range of one value', () => {
    expect(outcomes.get('{ project_id: 1 }')?.indivisibleMiB).toBeGreaterThan(128);
    expect(outcomes.get('{ project_id: 1, _id: 1 }')?.indivisibleMiB).toBeUndefined();
  });
});
