import { escapes, readCharacter, readClass, refuseUnknown } from './pattern-characters';
import { PatternText, Refused } from './pattern-text';
import { show } from './values';

const options = ['i', 'm', 's', 'x', 'u'];

/** Returns the problem with the options of a regular expression; undefined when the options are valid. */
export function optionsProblem(given: string): string | undefined {
  const unknown = /[^imsxu]/u.exec(given)?.[0];
  return unknown === undefined
    ? undefined
    : `${show(unknown)} is not an option of a regular expression on the server: use ${options.join(', ')}`;
}

/**
 * Returns why PCRE2, the server's library for patterns, would refuse a pattern; undefined when PCRE2 would accept the pattern.
 * @see https://www.pcre.org/current/doc/html/pcre2pattern.html
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.includes('\0')) return 'a pattern cannot contain a null character';
  try {
    new Reader(new PatternText(pattern)).read();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

/** The number of characters that a part matches; undefined if the number varies. */
type Width = number | undefined;

const maxRepeats = 65_535;
/** Matches verbs at the start of a pattern, such as `(*UTF)`, and verbs that are allowed anywhere, such as `(*COMMIT)`. */
const startVerbs =
  /^\(\*(?:UTF8?|UCP|NOTEMPTY|NOTEMPTY_ATSTART|NO_AUTO_POSSESS|NO_DOTSTAR_ANCHOR|NO_JIT|NO_START_OPT|CR|LF|CRLF|ANY|ANYCRLF|NUL|BSR_ANYCRLF|BSR_UNICODE|LIMIT_(?:MATCH|DEPTH|HEAP|RECURSION)=\d+)\)/;
const verbs = /^\(\*(?:(ACCEPT)|(?:COMMIT|FAIL|F|PRUNE|SKIP|THEN))(?::[^)]*)?\)|^\(\*(?:MARK)?:[^)]+\)/;
/** Matches the start of groups whose kind is written as a word: `(*positive_lookahead:…)`. */
const wordedGroups =
  /^\(\*(?:(atomic|sr|script_run|asr|atomic_script_run)|(plb|nlb|naplb|(?:positive|negative|non_atomic_positive)_lookbehind)|pla|nla|napla|(?:positive|negative|non_atomic_positive)_lookahead):/;

/** Matches comments and the ends of quotations. A quantifier after these applies to the part before them. */
const transparent = /^(?:\\E|\(\?#[^)]*\))+/;

/** Reads a pattern from left to right, as PCRE2 does. */
class Reader {
  #groups = 0;
  readonly #names = new Set<string>();
  /** References to groups. A group may come later, but must exist at the end. */
  readonly #references: (number | string)[] = [];
  /** Whether the options of `(?x)` and `(?n)` are on. */
  #extended = false;
  #namedOnly = false;
  #mayRepeatNames = false;
  /** Whether a quantifier may follow the last part. */
  #isRepeatable = false;
  /** The number of enclosing lookarounds. */
  #looking = 0;

  constructor(readonly text: PatternText) {}

  read(): void {
    for (let verb = startVerbs.exec(this.text.rest); verb; verb = startVerbs.exec(this.text.rest))
      this.text.skip(verb[0].length);
    this.#alternatives();
    if (this.text.rest !== '') throw new Refused('it has too many closing parentheses');
    for (const reference of this.#references) {
      const isThere = typeof reference === 'number' ? reference <= this.#groups : this.#names.has(reference);
      if (!isThere) throw new Refused(`it refers to the group ${reference}, which does not exist`);
    }
  }

  /** Reads alternatives, up to a closing parenthesis or the end. Returns their widths. */
  #alternatives(onBranch?: () => void): Width[] {
    const [extended, namedOnly] = [this.#extended, this.#namedOnly];
    const widths = [this.#sequence()];
    while (this.text.take(/^\|/)) {
      onBranch?.();
      widths.push(this.#sequence());
    }
    [this.#extended, this.#namedOnly] = [extended, namedOnly];
    return widths;
  }

  #sequence(): Width {
    let width: Width = 0;
    for (;;) {
      if (this.#extended && this.text.take(/^(?:\s+|#[^\n]*\n?)/)) continue;
      if (/^(?:$|[|)])/.test(this.text.rest)) return width;
      const quoted = this.text.take(/^\\Q([^]*?)(?:\\E|$)/);
      if (!quoted && this.text.take(transparent)) continue;
      if (quoted?.[1] === '') continue;
      this.#isRepeatable = true;
      const one = quoted ? Array.from(quoted[1] ?? '').length : this.#item();
      const repeated = this.#repeated(one);
      width = width === undefined || repeated === undefined ? undefined : width + repeated;
    }
  }

  /** Reads the quantifier after an item, if any. */
  #repeated(width: Width): Width {
    this.text.take(transparent);
    const found = this.text.take(/^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/);
    if (!found) return width;
    if (!this.#isRepeatable) throw new Refused('it has a quantifier after something that cannot be repeated');
    const [mark = '', from, comma, to] = found;
    this.text.take(/^(?:\\E)*[?+]/);
    if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(this.text.rest)) throw new Refused('it has two quantifiers in a row');
    if (from === undefined) return mark === '?' && width === 0 ? 0 : undefined;
    const [least, most] = [Number(from), to === undefined || to === '' ? undefined : Number(to)];
    if (least > maxRepeats || (most ?? 0) > maxRepeats) throw new Refused(`it has a quantifier above ${maxRepeats}`);
    if (most !== undefined && most < least)
      throw new Refused('it has a quantifier whose numbers are in the wrong order');
    const isFixed = comma === undefined || most === least;
    return isFixed && width !== undefined ? width * least : undefined;
  }

  #item(): Width {
    if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(this.text.rest))
      throw new Refused('it has a quantifier without anything before it');
    if (this.text.rest.startsWith('(')) return this.#group();
    if (this.text.take(/^\[/)) return readClass(this.text);
    if (this.text.rest.startsWith('\\')) return this.#escape();
    if (this.text.take(/^[$^]/)) return this.#zero();
    this.text.take(/^[^]/u);
    return 1;
  }

  /** Returns 0, the width of an anchor such as `^`. An anchor cannot be repeated. */
  #zero(): number {
    this.#isRepeatable = false;
    return 0;
  }

  #group(): Width {
    const verb = this.text.take(verbs);
    if (verb) return verb[1] === undefined ? this.#zero() : 0;
    const worded = this.text.take(wordedGroups);
    if (worded?.[2] !== undefined) return this.#lookbehind();
    if (worded) return worded[1] === undefined ? this.#lookahead() : this.#inside();
    const callout = this.text.take(/^\(\?C(\d*)\)/);
    if (callout && Number(callout[1]) <= 255) return this.#zero();
    if (this.text.rest.startsWith('(*'))
      throw new Refused(`it has ${show(/^\(\*[^)]*\)?/.exec(this.text.rest)?.[0])}, which is not a verb`);
    if (this.text.rest.startsWith('(?#')) {
      if (!this.text.take(/^\(\?#[^)]*\)/)) throw new Refused('it has a comment that does not end');
      return 0;
    }
    const recursion = this.text.take(/^\(\?(?:R|[+-]?\d+|&(\w+)|P>(\w+)|P=(\w+))\)/);
    if (recursion) {
      this.#recursion(recursion);
      return undefined;
    }
    const flags = this.text.take(/^\(\?(\^[imsxnJU]*|[imsxnJU]*(?:-[imsxnJU]*)?)([:)])/);
    if (flags) return this.#flags(flags[1] ?? '', flags[2] === ':');
    if (this.text.take(/^\(\?<[=!*]/)) return this.#lookbehind();
    if (this.text.take(/^\(\?[=!*]/)) return this.#lookahead();
    if (this.text.take(/^\(\?>/)) return this.#inside();
    if (this.text.take(/^\(\?\|/)) return this.#branchReset();
    if (this.text.take(/^\(\?\(/)) return this.#conditional();
    const name = this.text.take(/^\(\?(?:P?<([^>]*)>|'([^']*)')/);
    if (name) this.#name(name[1] ?? name[2] ?? '');
    else if (this.text.rest.startsWith('(?')) throw new Refused('it has an unknown character after "(?"');
    else this.text.take(/^\(/);
    if (name !== undefined || !this.#namedOnly) this.#groups++;
    return this.#inside();
  }

  #name(name: string): void {
    if (!/^[A-Za-z_]\w*$/.test(name) || name.length > 32)
      throw new Refused(`it has a group named ${show(name)}, which is not a valid name`);
    if (this.#names.has(name) && !this.#mayRepeatNames) throw new Refused(`it has two groups named ${name}`);
    this.#names.add(name);
  }

  #recursion([text, ...names]: RegExpExecArray): void {
    const name = names.find(Boolean);
    const number = /[+-]?\d+/.exec(text)?.[0];
    if (name !== undefined) this.#references.push(name);
    else if (number !== undefined && number !== '0') this.#references.push(this.#groupNumber(number));
  }

  #groupNumber(text: string): number {
    const number = Number(text);
    if (text.startsWith('+')) return this.#groups + number;
    if (!text.startsWith('-') && number > 0) return number;
    const found = this.#groups + number + 1;
    if (found < 1) throw new Refused('it refers to a group that does not exist');
    return found;
  }

  #flags(flags: string, opensGroup: boolean): Width {
    const [on = '', off = ''] = flags.split('-');
    const before = [this.#extended, this.#namedOnly] as const;
    const switched = (flag: string, was: boolean) =>
      on.includes(flag) || (was && !off.includes(flag) && !on.startsWith('^'));
    [this.#extended, this.#namedOnly] = [switched('x', this.#extended), switched('n', this.#namedOnly)];
    if (on.includes('J')) this.#mayRepeatNames = true;
    if (!opensGroup) return this.#zero();
    const width = this.#inside();
    [this.#extended, this.#namedOnly] = before;
    return width;
  }

  /** Reads the alternatives of an open group, and the end of the group. */
  #inside(onBranch?: () => void): Width {
    const widths = this.#closed(onBranch);
    return widths.every((width) => width === widths[0]) ? widths[0] : undefined;
  }

  #closed(onBranch?: () => void): Width[] {
    const widths = this.#alternatives(onBranch);
    if (!this.text.take(/^\)/)) throw new Refused('it lacks a closing parenthesis');
    this.#isRepeatable = true;
    return widths;
  }

  /** Reads `(?|…)`: the numbering of groups starts at the same number in each alternative. */
  #branchReset(): Width {
    const first = this.#groups;
    let most = first;
    const mayRepeatNames = this.#mayRepeatNames;
    this.#mayRepeatNames = true;
    const width = this.#inside(() => {
      most = Math.max(most, this.#groups);
      this.#groups = first;
    });
    this.#groups = Math.max(most, this.#groups);
    this.#mayRepeatNames = mayRepeatNames;
    return width;
  }

  #lookahead(): Width {
    this.#looking++;
    this.#closed();
    this.#looking--;
    return 0;
  }

  #lookbehind(): Width {
    this.#looking++;
    const widths = this.#closed();
    this.#looking--;
    if (widths.includes(undefined)) throw new Refused('it has a lookbehind without a fixed length');
    return 0;
  }

  #conditional(): Width {
    const reference = this.text.take(/^([+-]?\d+|<\w+>|'\w+'|R\d*|R&\w+|DEFINE|VERSION>?=\d+(?:\.\d+)?|\w+)\)/)?.[1];
    if (reference !== undefined) {
      if (/^[+-]?\d+$/.test(reference)) this.#references.push(this.#groupNumber(reference));
      else if (/^[<']/.test(reference)) this.#references.push(reference.slice(1, -1));
      else if (!/^(?:R\d*|R&|DEFINE|VERSION)/.test(reference)) this.#references.push(reference);
    } else if (/^\?<?[=!]/.test(this.text.rest)) {
      this.text.skip(-1);
      this.#group();
    } else throw new Refused('it has an invalid condition');
    const widths = this.#closed();
    if (widths.length > 2) throw new Refused('it has a condition with more than two branches');
    return widths.length === 2 && widths[0] === widths[1] ? widths[0] : undefined;
  }

  #escape(): Width {
    const [whole = '', letter = ''] = /^\\([^])?/u.exec(this.text.rest) ?? [];
    if (letter === '') throw new Refused('it ends in a backslash');
    const reference = this.#reference();
    if (reference) return undefined;
    if (readCharacter(this.text, false)) return 1;
    this.text.skip(whole.length);
    refuseUnknown(letter, escapes);
    if (this.#looking > 0 && 'CK'.includes(letter)) throw new Refused(`it has \\${letter} in a lookaround`);
    if ('bBAzZGK'.includes(letter)) return this.#zero();
    return 'RX'.includes(letter) ? undefined : 1;
  }

  /** Reads references to groups: `\1`, `\g{-1}`, `\k<name>`. */
  #reference(): boolean {
    const named = this.text.take(
      /^\\(?:k(?:<([^>]*)>|'([^']*)'|\{([^}]*)\})|g(?:\{([A-Za-z_]\w*)\}|<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'))/,
    );
    if (named) {
      const name = named.slice(1).find(Boolean) ?? '';
      this.#references.push(name);
      return true;
    }
    if (/^\\k/.test(this.text.rest)) throw new Refused('it has \\k without the name of a group');
    const numbered = this.text.take(/^\\g(?:\{?([+-]?\d+)\}?|<([+-]?\d+)>|'([+-]?\d+)')/);
    if (numbered) {
      const text = numbered[1] ?? numbered[2] ?? numbered[3] ?? '';
      this.#references.push(this.#groupNumber(text));
      return true;
    }
    if (/^\\g/.test(this.text.rest)) throw new Refused('it has \\g without a group');
    const digits = /^\\([1-9]\d*)/.exec(this.text.rest)?.[1];
    // From 10 on, a number without a group is an octal character code.
    if (digits === undefined || (Number(digits) > 9 && Number(digits) > this.#groups)) return false;
    this.text.skip(digits.length + 1);
    this.#references.push(Number(digits));
    return true;
  }
}
