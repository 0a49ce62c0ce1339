import type { Document } from 'mongodb';
import { textLanguages, type Index } from '../schema';
import { fieldOf, partsOf } from './computed-keys';
import type { Unindexable } from './unindexable';

/**
 * Returns queries for the documents that a text index on these fields refuses because of their language. The index reads the language of
 * the whole document, and of the inner documents that contain its fields. When the index covers all fields, it reads the language of every
 * inner document.
 * @see https://www.mongodb.com/docs/v7.0/core/indexes/index-types/index-text/specify-language-text-index/
 */
export function otherLanguages(index: Index, fields: readonly string[]): Unindexable[] {
  const override = typeof index['language_override'] === 'string' ? index['language_override'] : 'language';
  if (fields.includes('$**')) {
    return [
      {
        filter: { $expr: isWithin('$$ROOT', override, levels) },
        stages: [],
        why: `${override}, in the document or in a document within it, is not a language of text search`,
      },
    ];
  }
  const above = new Set(['', ...fields.flatMap(pathsAbove)]);
  const places = [...above].map((path) => (path === '' ? override : `${path}.${override}`));
  const otherWord = { $regex: `^(?!(?:${[...textLanguages].join('|')})$)`, $options: 'is' };
  return [
    {
      filter: { $or: places.flatMap((place) => [{ [place]: { $type: noText } }, { [place]: otherWord }]) },
      stages: [],
      why: `${places.join(' or ')} is not a language of text search`,
    },
  ];
}

/**
 * How many levels of inner documents are searched. An aggregation expression cannot be recursive, and each level makes the expression
 * longer.
 */
const levels = 12;

function isWithin(value: string, override: string, left: number): Document {
  if (left === 0) return { $literal: false };
  const part = `part${left}`;
  const below = { $map: { input: partsOf(value), as: part, in: isWithin(`$$${part}`, override, left - 1) } };
  return { $or: [isOther(fieldOf(value, override)), { $anyElementTrue: [below] }] };
}

function isOther(language: Document): Document {
  const type = { $type: language };
  return {
    $switch: {
      branches: [
        { case: { $eq: [type, 'missing'] }, then: false },
        { case: { $eq: [type, 'string'] }, then: { $not: [{ $in: [{ $toLower: language }, [...textLanguages]] }] } },
      ],
      default: true,
    },
  };
}

function pathsAbove(field: string): string[] {
  const names = field.split('.');
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join('.'));
}

/** Every type but string. */
const noText = [
  'double',
  'object',
  'array',
  'binData',
  'undefined',
  'objectId',
  'bool',
  'date',
  'null',
  'regex',
  'dbPointer',
  'javascript',
  'symbol',
  'javascriptWithScope',
  'int',
  'timestamp',
  'long',
  'decimal',
  'minKey',
  'maxKey',
] as const;
