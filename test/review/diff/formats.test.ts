import { describe, expect, it } from 'vitest';
import { compareSchemas, diffFormats, type DiffFormat } from '../../../src/review/diff';
import { emptySchema } from '../../../src/schema';
import { shop, shopSchema } from '../shop';

const golden = (name: string) => `../golden/${name}`;
const empty = { name: 'empty', schema: emptySchema };
const head = { name: shop.at(-1)?.name ?? '', schema: shopSchema() };
const middle = { name: shop[2]?.name ?? '', schema: shopSchema(3) };

describe('A difference between two points', () => {
  it.each([
    ['text', 'txt'],
    ['json', 'json'],
    ['markdown', 'md'],
  ] as const)('is written as %s', async (format: DiffFormat, ending) => {
    const write = diffFormats[format];
    await expect(write(compareSchemas(middle, head))).toMatchFileSnapshot(golden(`diff.${ending}`));
    await expect(write(compareSchemas(empty, middle))).toMatchFileSnapshot(golden(`diff-from-empty.${ending}`));
  });

  it('is written backwards, too', async () => {
    await expect(diffFormats.text(compareSchemas(head, middle))).toMatchFileSnapshot(golden('diff-backwards.txt'));
  });

  it('is none between equal points', () => {
    const report = compareSchemas(head, { ...head, name: 'live' });
    expect(report.changes).toEqual([]);
    expect(diffFormats.text(report)).toBe('20260105000000-changes.ts and live are equal.\n');
    expect(diffFormats.markdown(report)).toBe('### `20260105000000-changes.ts` → `live`\n\nEqual.\n');
  });

  it('has each change of one direction, turned around, in the other', () => {
    const [there, back] = [compareSchemas(middle, head), compareSchemas(head, middle)];
    const turned = { '+': '-', '-': '+', '~': '~' } as const;
    const shown = (changes: readonly { sign: string; place: string }[]) =>
      changes.map(({ sign, place }) => `${sign} ${place}`).sort();
    expect(shown(back.changes)).toEqual(shown(there.changes.map((one) => ({ ...one, sign: turned[one.sign] }))));
  });
});
