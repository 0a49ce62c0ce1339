import { expect, it } from 'vitest';
import { redact, redactAll } from '../src/support/redact';

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

it.each([
  [
    'a remote of git',
    "fatal: unable to access 'https://ann:s3cret@git.example/studio.git/'",
    /^fatal: unable to access 'https:\/\/<credentials>@git/,
  ],
  ['a token', 'https://t0ken@git.example/', /^https:\/\/<credentials>@git\.example\/$/],
  ['no address', 'tried ann:s3cret@db.example:27017', /^tried <credentials>@db\.example:27017$/],
  ['an IPv6 host', 'ann:s3cret@[::1]:27017', /^<credentials>@\[::1\]:27017$/],
])('A text with user and password in %s loses them', (_, text, clean) => {
  expect(redact(text)).toMatch(clean);
});

it.each([
  '{"url":"http://x","mail":"a@b"}',
  'deploy by ann@host-1 at 12:30:00',
  'mailto:ann@db.example',
  '// @ts-check',
  'npm i a@1',
])('What only looks like it stays: %s', (text) => {
  expect(redact(text)).toBe(text);
});

it('Texts deep in a value lose them, and what is no text stays', () => {
  const at = new Date(0);
  expect(redactAll({ at, all: [{ url: 'mongodb://a:b@c/' }], n: 1 })).toEqual({
    at,
    all: [{ url: 'mongodb://<credentials>@c/' }],
    n: 1,
  });
});

it('A text without one stays as it is', () => {
  const text = 'mail ann@db.example about mongodb://db.example/studio';
  expect(redact(text)).toBe(text);
});
