import { beforeAll, describe, expect, it } from 'vitest';
import { portablePattern } from '../../src/review/portable-pattern';
import { runPython, usePython } from '../python/python';
import { useDatabase } from '../support/database';

const patterns = [
  '^[^@ \\t\\r\\n]+@[^@ \\t\\r\\n]+(?!\\n)$',
  '^https?://[^ \\t\\r\\n]+(?!\\n)$',
  'a(?=b)|(?!\\n)$|^\\.',
  '^(?:é{2,3}?|[à-ü]|\\x41)*(?!\\n)$',
  '^[\\]\\\\^a-c-]+(?!\\n)$',
  '[(?!\\n)$]',
  '(a|)(b)?c{0}d{2,}',
  '^(a(b(?!c))*)+(?!\\n)$',
];
const texts = [
  '',
  'a',
  'A',
  'ab',
  'abc',
  'a\n',
  '\n',
  'a@b',
  'a@b\n',
  'a@b\r',
  'a@b\u2028',
  '😀@😀',
  'é',
  'éé',
  'ééé\n',
  'e\u0301',
];
texts.push('https://x', 'https://x\n', '.', ']\\^-', ']\\^-\n', '$', '!', 'dd', 'bdd', 'à', 'ÿ', '\u00a0', 'abab', '١');

usePython();

describe('A pattern that all read alike', () => {
  const database = useDatabase();
  beforeAll(async () => {
    await database.db.collection('texts').insertMany(texts.map((text, _id) => ({ _id: _id as never, text })));
  });

  it('matches the same texts on the server, in JavaScript and in Python', async () => {
    const python = patterns.map((pattern) => {
      const read = portablePattern(pattern);
      if ('problem' in read) throw new Error(`${pattern}: ${read.problem}`);
      return read.python;
    });
    const script =
      'import json, re, sys; patterns, texts = json.load(sys.stdin); ' +
      'print(json.dumps([[i for i, t in enumerate(texts) if re.search(p, t, re.ASCII)] for p in patterns]))';
    const { stdout } = await runPython(['-W', 'error', '-c', script], { input: JSON.stringify([python, texts]) });
    const byPython = JSON.parse(String(stdout)) as number[][];
    for (const [at, pattern] of patterns.entries()) {
      const found = await database.db
        .collection('texts')
        .find({ text: { $regex: pattern } })
        .sort({ _id: 1 })
        .toArray();
      const byServer = found.map(({ _id }) => Number(_id));
      const matched = (flags: string) =>
        texts.flatMap((text, index) => (new RegExp(pattern, flags).test(text) ? [index] : []));
      expect({ pattern, javascript: matched('u'), python: byPython[at] }).toEqual({
        pattern,
        javascript: byServer,
        python: byServer,
      });
    }
  });

  it.each([
    'a$',
    'a.b',
    '\\d',
    '\\bA',
    '(a)\\1',
    '\\u0041',
    '(?<=a)b',
    '(?<n>a)',
    '(?i)a',
    '(?>a)',
    '(?#x)',
    '(*UTF)',
    'a++',
    'a**',
  ])('is not %s', (pattern) => {
    expect(portablePattern(pattern)).toHaveProperty('problem');
  });

  it.each([
    '[]a]',
    '[^]]',
    '[[:alpha:]]',
    '[a[]',
    '[\\w]',
    '[a--b]',
    '[a&&b]',
    '[😀]',
    '😀',
    'a{,2}',
    '{',
    '(a',
    'a)',
    '^*',
    '(?=a)*',
    '\\0',
  ])('is not %s either', (pattern) => {
    expect(portablePattern(pattern)).toHaveProperty('problem');
  });
});
