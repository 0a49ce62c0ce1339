import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';

const hex = '65f0c0ffee0123456789abcd';
const each = <T>(values: readonly T[], make: (value: T) => unknown) => values.map(make);

const doubles = [
  ...each(
    [0, -0, 1, -1, 10, 255, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 3e9, -3e9, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** 60, 2 ** 62],
    (value) => new Double(value),
  ),
  ...each([2 ** 63, -(2 ** 63), 2 ** 64, 1e100, -1e300, 0.1, 0.5, -1.5, 1.2345678921232e18, Math.PI], (value) => new Double(value)),
  ...[0, -0, 1.5, -2.25, 3e9, 1e21, 1e300, 5e-324, Number.MAX_VALUE, Number.EPSILON, NaN, Infinity, -Infinity, 2 ** 53 - 1, -(2 ** 40)],
]; // prettier-ignore
const integers = [
  ...[0, 1, -1, 42, 2 ** 31 - 1, -(2 ** 31)],
  ...each([0, 1, -1, 2 ** 31 - 1], (value) => new Int32(value)),
  ...each(['0', '1', '-1', '5', '2147483647', '2147483648', '-2147483649', '9007199254740991', '9007199254740992'], (text) => Long.fromString(text)),
  ...each(['9007199254740993', '-9007199254740993', '1152921504606846977'], (text) => Long.fromString(text)),
  ...[Long.MAX_VALUE, Long.MIN_VALUE, 0n, 5n, -5n, 2n ** 53n + 1n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n],
]; // prettier-ignore
const decimals = each(
  `0 -0 1 -1 5 10 0.1 0.10 -0.10 1.50 1E+3 1E-3 1E+6144 9.99E-6143 NaN Infinity -Infinity 9007199254740993 123456789012345678901234567890.1234
  0E+3 -0E-5 1.000000000000000000000000000000000 9999999999999999999999999999999999 1E-6176 0.000001 1E-7`.split(/\s+/),
  (text) => Decimal128.fromString(text),
);
const texts = [
  ...['', 'a', 'é', '😀', '漢字', '\u202e', 'a\nb', 'a\r\nb', '\t', '"quoted"', "'single'", '`back`', 'back\\slash'],
  ...['a\0b', '\0', '\u2028', '\ufeff', 'constructor', '__proto__', '$a', '$$ROOT', '$numberLong', 'null', 'true', '5'],
  ...[hex, '{"$oid":"x"}', '(?i)a', '/x/', '${1}', '%s', 'x'.repeat(1000), ' a ', '2020-01-01T00:00:00Z', '\u{10ffff}'],
];
const patterns = [
  ...[/x/, /x/i, /x/m, /a\/b/, /^[a-z]+$/, /\d+\n/, /(?:)/, /é/i, /"/, /\\/],
  ...each(
    `(?i)a|(?<n>a)\\k<n>|a++|\\Aa\\z|[[:alpha:]]|\\p{L}|(?x) a # b|a/b|/|^.*(?!\\n)$|\\Q.\\E|(?>a)b|"|'|\\\\`.split(
      '|',
    ),
    (pattern) => new BSONRegExp(pattern),
  ),
  ...each(['i', 'm', 's', 'x', 'im', 'imsx', 'sx'], (options) => new BSONRegExp('(?i)x', options)),
];
const bytes = [
  ...each([0, 1, 3, 5, 8, 128, 200, 255], (subType) => new Binary(Buffer.from('0123456789abcdef'), subType)),
  new Binary(Buffer.alloc(0), 0),
  new Binary(Buffer.alloc(0), 128),
  new UUID('11111111-2222-4333-8444-555555555555'),
  new Binary(Buffer.alloc(16, 7), 4),
  Buffer.from([0, 255, 10, 13]),
  new Uint8Array([1, 2, 3]),
];
const times = [
  ...each(
    [0, 1, -1, 999, 1000, 1.7e12, -62_135_596_800_000, 253_402_300_799_999, 253_402_300_800_000, 8.64e15, -8.64e15, 951_782_400_000],
    (at) => new Date(at),
  ),
  ...each([{ t: 0, i: 1 }, { t: 1, i: 0 }, { t: 1, i: 2 }, { t: 4_294_967_295, i: 4_294_967_295 }], (at) => new Timestamp(at)),
]; // prettier-ignore
const others = [
  ...[null, true, false, new MinKey(), new MaxKey()],
  ...each([hex, '0'.repeat(24), 'f'.repeat(24)], (id) => new ObjectId(id)),
  ...each(['', 'a', 'symbol', '😀'], (text) => new BSONSymbol(text)),
  ...[new Code(''), new Code('function () { return "x"; }'), new Code('x', {}), new Code('x', { n: new Double(1), l: Long.fromNumber(5) })],
  ...[new DBRef('c', new ObjectId(hex)), new DBRef('c', 5 as never, 'other'), new DBRef('c', Long.fromNumber(5) as never, undefined, { x: 1 })],
  ...[[], [[]], [null], [1, new Double(1), Long.fromNumber(1)], [[1, [2]], {}], {}],
]; // prettier-ignore

/** Documents whose names, or the order of them, mean something. Each stands for itself where a literal stands. */
const documents: readonly unknown[] = [
  { p: 1, q: 2 },
  { q: 2, p: 1 },
  { a: { q: new Double(1), p: Long.fromNumber(2) } },
  { '': 1 },
  { 'a.b': 1 },
  { constructor: 1, toString: 2, hasOwnProperty: 3 },
  Object.fromEntries([['__proto__', { x: 1 }]]),
  { 'two\nlines': 1, '"': 2, '😀': 3 },
  { ['n'.repeat(1000)]: 1 },
  { '0': 'a', '1': 'b' },
  { $ref: 'c', $id: 5 },
  { required: ['b', 'a'], enum: [2, 1], bsonType: ['string', 'int'] },
  { pattern: 'x', options: 'i' },
  { base64: '', subType: '00' },
];

/** Documents that Extended JSON would take for a value, and one that an object cannot hold. A row can have them, a filter cannot. */
export const ambiguous: readonly unknown[] = [
  ...each(
    `$numberLong $numberInt $numberDouble $numberDecimal $oid $date $binary $uuid $symbol $code $timestamp $minKey $maxKey
    $undefined $dbPointer $document`.split(/\s+/),
    (name) => ({ [name]: '5' }),
  ),
  { $numberLong: '5', a: 1 },
  { a: 1, $numberLong: '5' },
  { a: { $date: { $numberLong: '1' } } },
  { $regularExpression: { pattern: 'x', options: '' } },
  { $document: [['a', 1]] },
  new Map<string, unknown>([
    ['b', 1],
    ['1', new Double(2)],
  ]),
];

const scalars: readonly unknown[] = [
  ...doubles,
  ...integers,
  ...decimals,
  ...texts,
  ...patterns,
  ...bytes,
  ...times,
  ...others,
  ...documents,
];

/** Every value by itself, in a list, and in a document. */
export const values: readonly unknown[] = scalars.flatMap((value) => [value, [value, 'x'], { b: value, a: [value] }]);

/** What a row can have beside them. */
export const valuesOfRows: readonly unknown[] = [...values, ...ambiguous];

/** The `_id`s of rows: to the server each is another one. */
export const ids: readonly unknown[] = [
  ...[null, true, false, new MinKey(), new MaxKey(), NaN, Infinity],
  ...[0, 1.5, new Double(7), Long.fromNumber(8), Long.fromString('9007199254740993'), 2n ** 62n, new Double(2 ** 60), 1e300],
  ...['', 'a', hex, '😀', 'a\nb', '__proto__', 'x'.repeat(1000), '5', '{"$oid":"x"}'],
  ...[new ObjectId(hex), new UUID('11111111-2222-4333-8444-555555555555'), new Binary(Buffer.from('ab'), 128), new Date(5)],
  ...[new Timestamp({ t: 1, i: 2 }), Decimal128.fromString('1.10'), new BSONSymbol('s'), new Code('x')],
  ...[{ p: 1, q: 2 }, { q: 2, p: 1 }, { a: new Double(1), b: Long.fromString('9007199254740993') }, { '': 1 }, {}],
  ...[{ a: [1] }, { a: new BSONRegExp('(?i)x') }, { constructor: 1 }, new DBRef('c', 1 as never)],
]; // prettier-ignore

/** Two that the server tells apart, or stores apart. */
export const siblings: readonly (readonly [one: unknown, other: unknown])[] = [
  [5, new Double(5)],
  [5, Long.fromNumber(5)],
  [new Double(5), Long.fromNumber(5)],
  [0, -0],
  [5, Decimal128.fromString('5')],
  [Decimal128.fromString('1.0'), Decimal128.fromString('1.00')],
  [Long.fromString('9007199254740992'), Long.fromString('9007199254740993')],
  [2 ** 40, Long.fromNumber(2 ** 40)],
  ['a', new BSONSymbol('a')],
  [{ p: 1, q: 2 }, { q: 2, p: 1 }],
  [[{ p: 1, q: 2 }], [{ q: 2, p: 1 }]],
  [{ a: [{ p: 1, q: { r: 1, s: 2 } }] }, { a: [{ p: 1, q: { s: 2, r: 1 } }] }],
  [['a', 'b'], ['b', 'a']],
  [new BSONRegExp('x'), new BSONRegExp('x', 'i')],
  [new BSONRegExp('(?i)x'), new BSONRegExp('(?i)x', 'x')],
  [new Binary(Buffer.from('a'), 0), new Binary(Buffer.from('a'), 128)],
  [new Code('x'), new Code('x', {})],
  [new Code('x', { a: 1 }), new Code('x', { a: new Double(1) })],
  [new Date(5), new Timestamp({ t: 0, i: 5 })],
  [hex, new ObjectId(hex)],
  [null, []],
  [new MinKey(), new MaxKey()],
  [new DBRef('c', 5 as never), new DBRef('c', Long.fromNumber(5) as never)],
]; // prettier-ignore

/** Rows that the server refuses, or stores otherwise. */
export const refusedRows: readonly object[] = [
  ...[[1], /x/, { $a: 1 }, { a: [{ $numberLong: '5' }] }, { a: { $b: 1 } }].map((_id) => ({ _id })),
  ...[new Timestamp({ t: 0, i: 0 }), new Date(NaN), 2 ** 53, new Binary(Buffer.from('a'), 7), /x/g, () => 1].map(
    (a) => ({
      _id: 1,
      a,
    }),
  ),
  ...[new Set([1]), Symbol('x'), { 'a\0': 1 }, [{ b: { 'a\0': 1, $date: 1 } }]].map((a) => ({ _id: 1, a: [a] })),
  { _id: 1, $date: 1 },
  { a: 1 },
];
