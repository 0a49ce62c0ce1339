import { SchemaError } from '../../src/support/schema-error';

/** The names that are derived from a collection's name. */
export interface CollectionNames {
  /** `blog_posts` */
  readonly collection: string;
  /** `blog-posts` */
  readonly seederFile: string;
  /** `blogPosts` */
  readonly seeder: string;
  /** `blog-post` */
  readonly modelFile: string;
  /** `blogPost` */
  readonly model: string;
  /** `BlogPost` */
  readonly type: string;
}

const allowed = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** @throws error with code `USAGE` for a name that is not in the style of the product's collection names */
export function namesFor(collection: string): CollectionNames {
  if (!allowed.test(collection) || reserved.has(collection)) {
    throw new SchemaError('USAGE', `No collection of the product is named ${JSON.stringify(collection)}`, {
      why: 'names in code are derived from the name of the collection, so this name must have only small letters, digits and single _, and must not be a reserved word of TypeScript',
      fix: 'use a plural, as for the other collections: blog_posts',
    });
  }
  const words = collection.split('_');
  const singular = [...words.slice(0, -1), singularOf(words.at(-1) ?? '')];
  return {
    collection,
    seederFile: words.join('-'),
    seeder: camel(words),
    modelFile: singular.join('-'),
    model: camel(singular),
    type: typeNameOf(collection),
  };
}

/** Returns the name of the type of a document: `blog_posts` → `BlogPost`. */
export function typeNameOf(collection: string): string {
  const words = collection.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const name = [...words.slice(0, -1), singularOf(words.at(-1) ?? '')].map(capital).join('');
  return /^[A-Za-z]/.test(name) ? name : `Collection${name}`;
}

function singularOf(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|x|us)es$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}

function camel([first = '', ...others]: readonly string[]): string {
  return first + others.map(capital).join('');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Reserved words of JavaScript and TypeScript that are in the style of a collection's name. */
const reserved = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
);
