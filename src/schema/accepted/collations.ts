import { didYouMean } from '../../support/nearest';
import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { flag, oneOf, optionProblems, show, whole, type KnownOptions } from './values';

const options: KnownOptions = {
  locale: { words: 'a locale, such as "en"', takes: (value) => typeof value === 'string' },
  caseLevel: flag,
  caseFirst: oneOf('upper', 'lower', 'off'),
  strength: whole(1, 5),
  numericOrdering: flag,
  alternate: oneOf('non-ignorable', 'shifted'),
  maxVariable: oneOf('punct', 'space'),
  normalization: flag,
  backwards: flag,
};

/** The options that the server adds to a collation, in the server's order, with their usual defaults. */
const usual = {
  caseLevel: false,
  caseFirst: 'off',
  strength: 3,
  numericOrdering: false,
  alternate: 'non-ignorable',
  maxVariable: 'punct',
  normalization: false,
  backwards: false,
};

/**
 * The locales of MongoDB 7.0 (ICU 57).
 * @see https://www.mongodb.com/docs/v7.0/reference/collation-locales-defaults/
 */
const languages =
  `af am ar as az be bg bn bo bs ca cs cy da de dz ee el en eo es et fa fi fo fr ga gl gu ha he hi hr hu hy id ig is it ja
  ka kk kl km kn ko ky lb ln lo lt lv mk ml mn mr ms mt my nb ne nl nn om or pa pl ps pt ro ru se si sk sl sq sr sv sw ta te th to tr ug
  uk ur vi yi yo zh zu chr dsb fil haw hsb kok lkt smn wae de_AT en_US fa_AF fr_CA bs_Cyrl sr_Latn zh_Hant en_US_POSIX`.split(
    /\s+/,
  );

/** The values that may follow `@collation=`: `variants` for every locale, `ownVariants` only for some locales. */
const variants = ['search', 'eor', 'emoji'];
const ownVariants: Readonly<Record<string, readonly string[]>> = {
  ar: ['compat'],
  bn: ['traditional'],
  de: ['phonebook'],
  de_AT: ['phonebook'],
  es: ['traditional'],
  fi: ['traditional'],
  ja: ['unihan'],
  kn: ['traditional'],
  ko: ['unihan', 'searchjl'],
  ln: ['phonetic'],
  si: ['dictionary'],
  sv: ['standard'],
  vi: ['traditional'],
  zh: ['standard', 'zhuyin', 'unihan', 'big5han', 'gb2312han'],
  zh_Hant: ['standard', 'pinyin', 'zhuyin', 'unihan', 'big5han', 'gb2312han'],
};

/** Every locale that the server knows, except the simple one. */
export const locales: ReadonlySet<string> = new Set(
  languages.flatMap((name) => [
    name,
    ...[...variants, ...(ownVariants[name] ?? [])].map((variant) => `${name}@collation=${variant}`),
  ]),
);

/** Locales whose default for `normalization` is true. For indexes, the server takes this default from ICU. */
const normalizing = new Set(
  `as bn el fa gu he hi ig km kn mr my or pa ps si ta te th vi yi yo kok fa_AF bn@collation=traditional kn@collation=traditional
  ko@collation=searchjl si@collation=dictionary vi@collation=traditional`.split(/\s+/),
);

function defaultsOf(locale: string, whose: CollationOwner): PlainObject {
  // For every owner, the default of `backwards` depends on the locale: French (Canada) compares accents from the end of a word.
  const backwards = locale === 'fr_CA' && { backwards: true };
  if (whose === 'collection') return { ...usual, ...backwards };
  return {
    ...usual,
    ...backwards,
    ...((normalizing.has(locale) || locale.endsWith('@collation=search')) && { normalization: true }),
    ...((locale === 'da' || locale === 'mt') && { caseFirst: 'upper' }),
    ...(locale === 'th' && { alternate: 'shifted' }),
  };
}

/**
 * The owner of a collation. For an index, the server takes missing options from the locale. For a collection or a view, it uses other
 * defaults.
 */
export type CollationOwner = 'collection' | 'index';

/** Returns a collation with all missing options, as the server completes it. The simple collation is returned unchanged. */
export function completeCollation(collation: PlainObject, whose: CollationOwner): PlainObject {
  const { locale, ...given } = collation;
  if (typeof locale !== 'string' || locale === 'simple') return collation;
  const { version: _version, ...others } = given;
  return { locale, ...defaultsOf(locale, whose), ...others };
}

/** Yields the problems for which the server would refuse a collation. Each is the end of a sentence that begins with the owner's name. */
export function* collationProblems(collation: Plain, whose: CollationOwner): Generator<string> {
  if (!isPlainObject(collation)) {
    yield `has the collation ${show(collation)}, which must be an object such as { locale: 'en', strength: 2 }`;
    return;
  }
  const { version: _version, ...written } = collation;
  const { locale } = written;
  for (const problem of optionProblems(written, options)) yield `has a collation that ${problem}`;
  if (locale === undefined) yield "has a collation without a locale: write one, such as { locale: 'en' }";
  if (typeof locale !== 'string' || locale === 'simple') return;
  if (!locales.has(locale))
    yield `has a collation with the locale ${show(locale)}, which the server does not know${didYouMean(locale, locales)}`;
  const { strength, caseLevel, caseFirst, backwards } = completeCollation(collation, whose);
  if (strength === 1 && backwards === true) yield 'has a collation with backwards, which needs a strength above 1';
  if (caseFirst !== 'off' && caseLevel !== true && (strength === 1 || strength === 2))
    yield 'has a collation with caseFirst, which needs `caseLevel: true` or a strength above 2';
}
