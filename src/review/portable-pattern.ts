/** What PCRE2, Python's `re` and JavaScript read alike, and where one token of it ends. */
const tokens = {
  /** A character that stands for itself. JavaScript without the flag `u` takes one above U+FFFF for two. */
  literal: /[^\\^$.*+?()[\]{}|\ud800-\udfff]/y,
  escape: /\\(?:[\\^$.*+?()[\]{}|/]|[tnr]|x[0-9A-Fa-f]{2})/y,
  quantifier: /(?:[*+?]|\{\d+(?:,\d*)?\})\??(?![*+?{])/y,
  classBegin: /\[\^?/y,
  classItem: /[^\\[\]\ud800-\udfff]|\\(?:[\\^$.*+?()[\]{}|/-]|[tnr]|x[0-9A-Fa-f]{2})/y,
  lookahead: /\(\?[=!]/y,
  group: /\((?:\?:|(?!\?|\*))/y,
};
/** What ends a pattern where nothing may follow, not even a line end. */
const veryEnd = '(?!\\n)$';

/** What regular expressions write and the three do not read alike, each with what to write for it. */
const known: readonly (readonly [RegExp, string])[] = [
  [/^\$/, '`$` before which stands no `(?!\\n)`: only JavaScript takes it for the very end. Write `(?!\\n)$`'],
  [/^\./, '`.`: which line ends it leaves out differs. Write a class, as `[^\\r\\n]`'],
  [
    /^\\[dDsSwWbB]/,
    'a class that is written as a letter: which characters are in it differs. Write `[0-9]`, `[A-Za-z0-9_]`',
  ],
  [/^\\[1-9]/, 'a reference to a group'],
  [/^\\u/, '`\\u`, which PCRE2 does not know. Write the character itself, or `\\x41`'],
  [/^\(\?<?[=!]/, 'a lookbehind: what it may hold differs'],
  [/^\(\?P?</, 'a group with a name, which each writes in its own way. Write `(…)`'],
  [/^\(\?/, 'a group with options'],
  [/^[\ud800-\udbff]/, 'a character above U+FFFF, which JavaScript takes for two'],
  [/^(?:[*+?]|\{\d)/, 'a quantifier that follows what cannot be repeated, or another quantifier'],
];

/** A pattern that all three read alike, as Python's `re` writes it; or what they could read differently. */
export type PortablePattern = { readonly python: string } | { readonly problem: string };

/**
 * Reads a pattern of a validator, which the server reads with PCRE2, as Python and JavaScript would. Only constructs that are
 * known to mean the same in all three are accepted. Whether the server accepts the pattern is checked elsewhere.
 */
export function portablePattern(pattern: string): PortablePattern {
  let at = 0;
  let python = '';
  const take = (token: RegExp): boolean => {
    token.lastIndex = at;
    const found = token.exec(pattern)?.[0] ?? '';
    at += found.length;
    python += found;
    return found !== '';
  };
  /** For each group that is open, whether it may be repeated. */
  const open: boolean[] = [];
  while (at < pattern.length) {
    if (pattern.startsWith(veryEnd, at)) {
      at += veryEnd.length;
      python += '\\Z';
    } else if (take(/[|^]/y)) continue;
    else if (take(tokens.literal) || take(tokens.escape)) take(tokens.quantifier);
    else if (take(tokens.classBegin)) {
      const problem = classProblem(take);
      if (problem !== undefined) return { problem };
      take(tokens.quantifier);
    } else if (take(tokens.lookahead)) open.push(false);
    else if (take(tokens.group)) open.push(true);
    else if (open.length > 0 && take(/\)/y)) {
      if (open.pop() === true) take(tokens.quantifier);
    } else return { problem: describe(pattern.slice(at)) };
  }
  return open.length > 0 ? { problem: 'a group that does not end' } : { python };
}

/** A class, from what follows its bracket. Python warns of what may become operators on sets. */
function classProblem(take: (token: RegExp) => boolean): string | undefined {
  if (take(/\]/y)) return 'a class that begins with `]`. Write `\\]`';
  while (!take(/\]/y)) {
    if (take(/--|&&|\|\||~~/y)) return 'a class with an operator. Write the character once, with a backslash';
    if (take(/\[/y)) return 'a class within a class. Write `\\[`';
    if (!take(tokens.classItem))
      return 'a class with what the three do not read alike: a letter after a backslash, or a character above U+FFFF';
  }
  return undefined;
}

function describe(rest: string): string {
  return (
    known.find(([what]) => what.test(rest))?.[1] ??
    `\`${rest.slice(0, 2)}\`, which is not known to mean the same in PCRE2, Python and JavaScript`
  );
}
