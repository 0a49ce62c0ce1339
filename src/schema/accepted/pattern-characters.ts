import { didYouMean } from '../../support/nearest';
import { Refused, type PatternText } from './pattern-text';
import { show } from './values';

const maxCodePoint = 0x10ffff;

const posixClasses = new Set(
  'alpha lower upper alnum ascii blank cntrl digit graph print punct space word xdigit'.split(' '),
);

const categories = new Set(
  'Any L& LC C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs Xan Xps Xsp Xuc Xwd'.split(
    ' ',
  ),
);

/** Letters that have a meaning after a backslash, inside or outside of a class. */
export const escapes = new Set('abBAcCdDeEfgGhHkKnNopPQrRsStvVwWxXzZ');
const escapesInClass = new Set('abcdDeEfghHnopPQrsStvVwWx');

/** Reads an escape that means the same inside and outside of a class. Returns undefined for anything else. */
export function readCharacter(
  text: PatternText,
  inClass: boolean,
): { readonly isSet: boolean; readonly code?: number } | undefined {
  const rest = text.rest;
  if (/^\\[FLlUu]/.test(rest) || /^\\N\{(?!U\+|\d+(?:,\d*)?\})/.test(rest))
    throw new Refused(`it has ${rest.slice(0, 2)}, which PCRE2 does not support: write \\x{…}`);
  const property = text.take(/^\\[pP](?:\{(\^?)([^}]*)\}|([A-Za-z]))/);
  if (property) {
    checkProperty(property[2] ?? property[3] ?? '');
    return { isSet: true };
  }
  if (/^\\[pP]/.test(rest)) throw new Refused('it has \\p without a property');
  if (/^\\(?:x\{|o\{|N\{U\+)/.test(rest)) {
    const found = text.take(/^\\(?:x\{([0-9A-Fa-f]+)\}|o\{([0-7]+)\}|N\{U\+([0-9A-Fa-f]+)\})/);
    if (!found) throw new Refused('it has an invalid character number');
    const code =
      found[2] === undefined ? Number.parseInt(found[1] ?? found[3] ?? '0', 16) : Number.parseInt(found[2], 8);
    if (code > maxCodePoint) throw new Refused('it has a character number that is too large');
    if (code >= 0xd800 && code <= 0xdfff) throw new Refused('it has half of a surrogate pair');
    return { isSet: false, code };
  }
  if (/^\\o/.test(rest)) throw new Refused('it has \\o without a number in braces');
  const hex = text.take(/^\\x([0-9A-Fa-f]{0,2})/);
  if (hex) return { isSet: false, code: Number.parseInt(hex[1] === '' ? '0' : (hex[1] ?? '0'), 16) };
  if (/^\\c/.test(rest)) {
    if (!text.take(/^\\c[ -~]/)) throw new Refused('it has \\c followed by an invalid character');
    return { isSet: false };
  }
  const octal = text.take(inClass ? /^\\[0-7]{1,3}/ : /^\\0[0-7]{0,2}/);
  if (octal) return { isSet: false, code: Number.parseInt(octal[0].slice(1), 8) };
  const digits = text.take(/^\\[1-9]\d*/);
  if (digits) return { isSet: false };
  return undefined;
}

function checkProperty(name: string): void {
  const plain = name.trim();
  const category = [...categories].some((one) => one.toLowerCase() === plain.toLowerCase());
  if (category || isProperty(plain.replace(/^sc(?:ript)?\s*[:=]\s*/i, 'Script='))) return;
  throw new Refused(
    `it has the property ${show(plain)}, which the server does not know${didYouMean(plain, categories)}`,
  );
}

export function readClass(text: PatternText): number {
  if (/^([:.=])[^\]\\]*?\1\]/.test(text.rest))
    throw new Refused('it has a POSIX class outside of brackets: write [[:alpha:]]');
  text.take(/^\^/);
  let before: number | 'set' | undefined;
  let isFirst = true;
  for (;;) {
    text.take(/^(?:\\E)+/);
    if (text.rest === '') throw new Refused('it has a character class that does not end');
    if (!isFirst && text.take(/^\]/)) return 1;
    const range = !isFirst && before !== undefined && /^-(?!\])/.test(text.rest);
    isFirst = false;
    if (range) {
      text.skip(1);
      const after = member(text);
      if (before === 'set' || after === 'set')
        throw new Refused('it has a range in a character class with a set at one end');
      if (before !== undefined && after !== undefined && after < before)
        throw new Refused('it has a range in a character class that is out of order');
      before = undefined;
    } else before = member(text);
  }
}

/** Reads one member of a character class. Returns the number of a character, or `set` for a set of characters. */
function member(text: PatternText): number | 'set' | undefined {
  const posix = text.take(/^\[([:.=])(\^?)([^\]]*?)\1\]/);
  if (posix) {
    if (posix[1] !== ':') throw new Refused('it has a collating element, which is not supported');
    if (!posixClasses.has(posix[3] ?? ''))
      throw new Refused(
        `it has the class ${show(posix[3])}, which is unknown${didYouMean(posix[3] ?? '', posixClasses)}`,
      );
    return 'set';
  }
  if (text.take(/^\\Q/)) {
    text.take(/^[^]*?(?:\\E|$)/);
    return undefined;
  }
  if (!text.rest.startsWith('\\')) return text.take(/^[^]/u)?.[0].codePointAt(0);
  const character = readCharacter(text, true);
  if (character) return character.isSet ? 'set' : character.code;
  const [whole = '', letter = ''] = /^\\([^])?/u.exec(text.rest) ?? [];
  if (letter === '') throw new Refused('it ends in a backslash');
  refuseUnknown(letter, escapesInClass);
  text.skip(whole.length);
  if ('dDsSwWhHvV'.includes(letter)) return 'set';
  const codes: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13, e: 27, a: 7 };
  return codes[letter] ?? letter.codePointAt(0);
}

export function refuseUnknown(letter: string, known: ReadonlySet<string>): void {
  if (/[A-Za-z]/.test(letter) && !known.has(letter)) throw new Refused(`it has \\${letter}, which has no meaning here`);
}

/** Returns whether a name is a Unicode property or script. JavaScript also knows these, in its own notation. */
function isProperty(name: string): boolean {
  const titled = name.replace(
    /(^|[_=])([a-z])/g,
    (_match, before: string, letter: string) => before + letter.toUpperCase(),
  );
  return [name, `Script=${name}`, titled, `Script=${titled}`].some((one) => {
    try {
      return new RegExp(`\\p{${one}}`, 'u').source !== '' && !isLongCategory(one);
    } catch {
      return false;
    }
  });
}

/** Returns whether a name is the long name of a Unicode category. PCRE2 knows categories only by their short names. */
function isLongCategory(name: string): boolean {
  try {
    return new RegExp(`\\p{gc=${name}}`, 'u').source !== '';
  } catch {
    return false;
  }
}
