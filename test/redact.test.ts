import { expect, it } from 'vitest';
import { redact } from '../src/redact';

const password = "p'w:x%40`y";

it.each([
  ['in the middle', `cannot reach mongodb://ann:${password}@db.example:27017/studio?tls=true, sorry`],
  ['in quotes', `{"url":"mongodb+srv://ann:${password}@db.example"}`],
  ['twice', `mongodb://ann:${password}@one,two/ and mongodb://ann:${password}@three/`],
  ['as the last thing', `--uri=mongodb://ann:${password}@db.example`],
])('A connection string %s of a text loses its user and password, and nothing else', (_, text) => {
  const clean = redact(text);
  expect(clean).toBe(text.replaceAll(`ann:${password}@`, '<credentials>@'));
});

it('A text without one stays as it is', () => {
  const text = 'mail ann@db.example about mongodb://db.example/studio';
  expect(redact(text)).toBe(text);
});
