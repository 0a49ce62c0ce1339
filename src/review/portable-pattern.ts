/** The tokens with the same meaning in PCRE2, Python's `re` and JavaScript. */
const tokens = {
  /** A literal character up to U+FFFF: without the flag `u`, JavaScript treats a character above U+FFFF as two characters. */
  literal: /[^\\^$.*+?()[\]{}|\ud800-\udfff]/y,
  escape: /\\(?:[\\^$.*+?()[\]{}|/]|[tnr]|x[0-9A-Fa-f]{2})/y,
  quantifier: /(?:[*+?]|\{\d+(?:,\d*)?\})\??(?![*+?{])/y,
  classBegin: /\[\^?/y,
  classItem: /[^\\[\]\ud800-\udfff]|\\(?:[\\^$.*+?()[\]{}|/-]|[tnr]|x[0-9A-Fa-f]{2})/y,
  lookahead: /\(\?[=!]/y,
  group: /\((?:\?:|(?!\?|\*))/y,
};
/** Matches only at the end of the text, not before a final line end. */
const veryEnd = '(?!\\n)$';

/** Constructs that PCRE2, Python and JavaScript read differently, each with a replacement. */
const known: readonly (readonly [RegExp, string])[] = [
  [/^\$/, '`$` without `(?!\\n)` before it: PCRE2 and Python also match it before a final line end. Write `(?!\\n)$`'],
  [/^\./, '`.`: the three engines exclude different line ends. Write a class, such as `[^\\r\\n]`'],
  [
    /^\\[dDsSwWbB]/,
    'a class written as a letter: the three engines include different characters. Write `[0-9]`, `[A-Za-z0-9_]`',
  ],
  [/^\\[1-9]/, 'a reference to a group'],
  [/^\\u/, '`\\u`, which PCRE2 does not support. Write the character itself, or `\\x41`'],
  [/^\(\?<?[=!]/, 'a lookbehind: the three engines allow different contents'],
  [/^\(\?P?</, 'a named group, which PCRE2, Python and JavaScript write differently. Write `(…)`'],
  [/^\(\?/, 'a group with options'],
  [/^[\ud800-\udbff]/, 'a character above U+FFFF, which JavaScript treats as two characters'],
  [/^(?:[*+?]|\{\d)/, 'a quantifier after something that cannot be repeated, or after another quantifier'],
];

/** A pattern with the same meaning in all three languages, in the notation of Python's `re`; or the problem. */
export type PortablePattern = { readonly python: string } | { readonly problem: string };

/**
 * Checks that a pattern, which the server reads with PCRE2, has the same meaning in Python and JavaScript. It accepts only constructs
 * that are known to mean the same in all three languages. Whether the server accepts the pattern is checked by other code.
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
  /** For each open group, whether it may be repeated. */
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

/** Checks the rest of a character class, after its `[`. Python warns about characters that later versions may read as set operators. */
function classProblem(take: (token: RegExp) => boolean): string | undefined {
  if (take(/\]/y)) return 'a class that begins with `]`. Write `\\]`';
  while (!take(/\]/y)) {
    if (take(/--|&&|\|\||~~/y)) return 'a class with an operator. Write the character only once, with a backslash';
    if (take(/\[/y)) return 'a class inside a class. Write `\\[`';
    if (!take(tokens.classItem))
      return 'a class whose members the three engines read differently: a letter after a backslash, or a character above U+FFFF';
  }
  return undefined;
}

function describe(rest: string): string {
  return (
    known.find(([what]) => what.test(rest))?.[1] ??
    `\`${rest.slice(0, 2)}\`, which may have different meanings in PCRE2, Python and JavaScript`
  );
}
