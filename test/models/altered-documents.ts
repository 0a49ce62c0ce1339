import { Binary, Code, Decimal128, Double, Int32, Long, MinKey, ObjectId, Timestamp } from 'mongodb';
import { placesIn, valueAt, withoutValue, withValue, type JsonSchema, type Path, type Place } from './json-schema';

export interface Altered {
  readonly path: Path;
  readonly how: string;
  readonly document: object;
}

/** Values of every type, among which most are wrong at any one place. */
const foreign: Readonly<Record<string, unknown>> = {
  null: null,
  'an empty string': '',
  text: 'text',
  'a number as text': '1',
  zero: 0,
  'minus one': -1,
  'a fraction': 0.5,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  'minus infinity': Number.NEGATIVE_INFINITY,
  'minus zero': -0,
  'the least fraction': Number.MIN_VALUE,
  'whole to 15 digits': 4.000000000000001,
  'more than an int': 3e9,
  'more than is safe': 2 ** 53,
  'an int': new Int32(1),
  'a double': new Double(1),
  'a long': Long.fromNumber(1),
  'the largest long': Long.MAX_VALUE,
  'a decimal': Decimal128.fromString('1'),
  true: true,
  'a date': new Date('2026-11-23T00:00:00Z'),
  'a date as text': '2026-11-23T00:00:00Z',
  'a timestamp': new Timestamp({ t: 1, i: 1 }),
  'an ObjectId': new ObjectId('5f0000000000000000000001'),
  'an ObjectId as text': '5f0000000000000000000001',
  'an empty array': [],
  'an array with null': [null],
  'an array of arrays': [[]],
  'an empty object': {},
  'an object with a strange field': { strange: 1 },
  'an object with null': { google_id: null },
  // The drivers read these as references.
  'a reference': { $ref: 'users', $id: new ObjectId('5f0000000000000000000001') },
  'a reference among other fields': { strange: 1, $ref: 'users', $id: 1, more: null },
  'a reference without an id': { $ref: 'users' },
  'equal numbers': [1, new Double(1)],
  'one and true': [1, true],
  'objects that are equal in another order': [
    { a: 1, b: 2 },
    { b: new Double(2), a: Long.fromNumber(1) },
  ],
  'arrays that are equal in another order': [
    [1, 2],
    [2, 1],
  ],
  binary: new Binary(new Uint8Array([1, 2, 3])),
  'a regular expression': /a/,
  code: new Code('text'),
  'the least key': new MinKey(),
};

/** A complete document, altered at each place in every way that a rule of its validator could speak about. */
export function* alteredDocuments(schema: JsonSchema, complete: object): Generator<Altered> {
  yield { path: ['strange'], how: 'a field that nobody named', document: { ...complete, strange: { field: null } } };
  for (const place of placesIn(schema)) {
    const { path } = place;
    yield { path, how: 'removed', document: withoutValue(complete, path) };
    for (const [how, value] of replacements(place, valueAt(complete, path))) {
      yield { path, how, document: withValue(complete, path, value) };
    }
  }
}

/** What may stand at a place, in words and as a value, in place of a valid value. */
export function* replacements(place: Place, valid: unknown): Generator<[string, unknown]> {
  yield* Object.entries(foreign);
  yield* nearMisses(place, valid);
}

function* nearMisses({ schema }: Place, valid: unknown): Generator<[string, unknown]> {
  if (typeof valid === 'string') yield* strings(schema, valid);
  if (typeof valid === 'number') yield* numbers(schema);
  if (Array.isArray(valid)) yield* arrays(schema, valid);
  if (schema.properties) yield ['one more field', { ...(valid as object), strange: null }];
}

function* strings({ minLength = 0, maxLength }: JsonSchema, valid: string): Generator<[string, string]> {
  yield ['in capitals', valid.toUpperCase()];
  yield ['with a line break after it', `${valid}\n`];
  yield ['with a line break before it', `\n${valid}`];
  yield ['with a return after it', `${valid}\r`];
  yield ['with a line separator after it', `${valid}\u2028`];
  yield ['with a space before it', ` ${valid}`];
  yield ['with a hard space in front', `\u00a0${valid}`];
  yield ['with a null character', `${valid}\0`];
  yield ['with an emoji', `${valid}😀`];
  yield ['with a letter in front', `é${valid}`];
  for (const [kind, character] of [
    ['letters', 'a'],
    ['emojis', '😀'],
  ] as const) {
    for (const length of [minLength - 1, minLength, maxLength, (maxLength ?? 0) + 1]) {
      if (length === undefined || length < 0) continue;
      yield [`${length} ${kind}`, character.repeat(length)];
      yield [
        `lengthened to ${length} with ${kind}`,
        valid + character.repeat(Math.max(0, length - Array.from(valid).length)),
      ];
    }
  }
}

function* numbers({ minimum, maximum }: JsonSchema): Generator<[string, number]> {
  for (const bound of [minimum, maximum]) {
    if (bound === undefined) continue;
    for (const step of [-1, -0.5, -1e-9, 0, 1e-9, 0.5, 1]) yield [`${bound} and ${step}`, bound + step];
  }
}

function* arrays({ minItems = 0, maxItems }: JsonSchema, valid: readonly unknown[]): Generator<[string, unknown[]]> {
  yield ['with its first item twice', [...valid, valid[0]]];
  yield ['with null at its end', [...valid, null]];
  for (const length of [minItems - 1, minItems, maxItems, (maxItems ?? 0) + 1]) {
    if (length === undefined || length < 0) continue;
    yield [`${length} times its first item`, Array.from({ length }, () => valid[0])];
  }
}
