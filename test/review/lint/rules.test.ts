import { describe, expect, it } from 'vitest';
import { rules } from '../../../src/review/lint';
import { cases } from './cases';
import { findingsOf } from './judge';

describe.each(Object.entries(cases))('%s', (code, { bad, good }) => {
  it.each(bad)('finds %s', (_title, scenario) => {
    const found = findingsOf(code, scenario);
    expect(found).not.toEqual([]);
    for (const { message, rewrite } of found) {
      expect(message).toMatch(/^[^]+\.$/);
      expect(message + rewrite).not.toMatch(/undefined|\[object/);
    }
  });

  it.each(good)('lets be: %s', (_title, scenario) => {
    expect(findingsOf(code, scenario)).toEqual([]);
  });
});

describe('The rules', () => {
  it('have a code each, in order', () => {
    const numbers = rules.map((_, at) => `SM${String(at + 1).padStart(3, '0')}`);
    expect(rules.map(({ code }) => code)).toEqual(numbers);
  });

  it('have a bad and a good migration each', () => {
    // SM022 compares files with a git ref: see base.test.ts.
    const shown = [...Object.keys(cases), 'SM022'].sort();
    expect(shown).toEqual(rules.map(({ code }) => code));
  });

  it('fill the names of the migration into the message and the safe way', async () => {
    const all = Object.entries(cases).flatMap(([code, { bad }]) =>
      bad.flatMap(([title, scenario]) =>
        findingsOf(code, scenario).map(
          ({ place = 'no place', message, rewrite }) => `${code} ${title}\n${place}: ${message}\n${rewrite}\n`,
        ),
      ),
    );
    await expect(all.join('\n')).toMatchFileSnapshot('../golden/lint-messages.txt');
  });
});
