import {
  BSON,
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  DBRef,
  Decimal128,
  MinKey,
  Double,
  Int32,
  Long,
  ObjectId,
  Timestamp,
  UUID,
  type Document,
} from 'mongodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeClosed,
  validationOf,
  documentId,
  documentKey,
  fromPlain,
  literalProblems,
  plainOfBytes,
  relaxed,
  toPlain,
} from '../../src/schema';
import { decodeClosed } from '../../src/schema/closed';
import { errorWith } from '../support/error-with';
import { seed } from '../support/seed';

const hex = '65f0c0ffee0123456789abcd';

describe('The key of a reference document', () => {
  const ids: readonly (readonly [title: string, id: unknown, key: string])[] = [
    ['an ObjectId', new ObjectId(hex), hex],
    ['text', 'starter', '"starter"'],
    ['text that looks like an ObjectId', hex, `"${hex}"`],
    ['a number', 5, '5'],
    ['null', null, 'null'],
    ['a date', new Date(0), '{"$date":"1970-01-01T00:00:00Z"}'],
    ['a decimal', Decimal128.fromString('1.10'), '{"$numberDecimal":"1.10"}'],
    ['a document with an ObjectId in it', { b: new ObjectId(hex), a: 1 }, `{"b":{"$oid":"${hex}"},"a":1}`],
  ];

  it.each(ids)('is readable for %s, and leads back to it', (_title, id, key) => {
    expect(documentKey(id)).toBe(key);
    expect(documentId(key)).toEqual(id);
  });

  it('leads back to a UUID', () => {
    const id = new UUID('11111111-2222-4333-8444-555555555555');
    expect(documentKey(documentId(documentKey(id)))).toBe(documentKey(id));
    expect(new Binary((documentId(documentKey(id)) as Binary).buffer, 4).toString('hex')).toBe(id.toString('hex'));
  });

  it('leads back to any text and any safe number', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })),
        (id) => {
          const back = documentId(documentKey(id));
          expect(back === id || Object.is(Number(back), id)).toBe(true);
        },
      ),
      { seed },
    );
  });
});

describe('Plain data', () => {
  const bson: Document = {
    _id: new ObjectId(hex),
    at: new Date('2026-01-02T03:04:05.678Z'),
    price: Decimal128.fromString('9.90'),
    matches: /^a/i,
    bytes: new Binary(Buffer.from('ab')),
    ts: new Timestamp({ t: 1, i: 2 }),
    nested: [{ a: [1, 2.5, null, 'x', true] }],
  };

  it('comes back as the BSON values that it was made of', () => {
    expect(toPlain(fromPlain(toPlain(bson)))).toEqual(toPlain(bson));
    const back = fromPlain(toPlain(bson));
    expect(back['_id']).toEqual(bson['_id']);
    expect(back['at']).toEqual(bson['at']);
    expect(back['price']).toEqual(bson['price']);
    expect(back['nested']).toEqual(bson['nested']);
  });

  it('tells int, long and double apart, and knows them as one number where that is asked for', () => {
    const document = { a: new Int32(5), b: Long.fromNumber(5), c: new Double(5), d: 5, e: 5n, f: 5.5, g: 3e9 };
    expect(toPlain(document)).toEqual({
      a: 5,
      b: { $numberLong: '5' },
      c: { $numberDouble: '5.0' },
      d: 5,
      e: { $numberLong: '5' },
      f: 5.5,
      g: 3e9,
    });
    expect(relaxed(toPlain(document))).toEqual({ a: 5, b: 5, c: 5, d: 5, e: 5, f: 5.5, g: 3e9 });
  });

  const exact: readonly Document[] = [
    { a: new Double(10), b: -0, c: Long.MAX_VALUE, d: 2n ** 60n, e: new Double(2 ** 60), f: 1e300 },
    { a: { $numberLong: '5' }, b: [{ $date: 1 }], c: { $document: [] }, d: { $oid: new ObjectId(hex) } },
    { a: new Map([['b', 1], ['1', 2]]) }, // prettier-ignore
    { a: new BSONRegExp('(?i)a/b', 'x'), b: /a\/b/i, c: new BSONSymbol('s') },
    { a: new Code('x', { n: new Double(1) }), b: new DBRef('c', new ObjectId(hex), 'd', { x: 1 }) },
    { a: NaN, b: -Infinity, c: new MinKey(), d: new Timestamp({ t: 1, i: 2 }), e: Buffer.from('ab'), f: new Date(-1) },
    { ['__proto__']: { constructor: 1 }, 'two\nlines': '', '': 0 },
  ];

  it.each(exact.map((document, at) => [at, document] as const))(
    'stands for the very bytes of document %i',
    (_at, document) => {
      const wanted = BSON.serialize(document);
      expect(BSON.serialize(fromPlain(toPlain(document)))).toEqual(wanted);
      expect(plainOfBytes(wanted)).toEqual(toPlain(document));
    },
  );

  it.each([
    ['a function', { a: { b: () => 1 } }, 'a.b'],
    ['a Set', { a: [new Set()] }, 'a[0]'],
    ['a regular expression with the flag g', { a: /x/g }, 'a'],
  ])('is not made of %s', (what, document, path) => {
    expect(() => toPlain(document)).toThrow(
      errorWith({ code: 'MIGRATION', summary: `${path} is ${what}, which MongoDB cannot store` }),
    );
  });

  it('keeps the operator $regex an operator, since the server shows it as it was sent', () => {
    const filter = { email: { $regex: '^a', $options: 'i' } };
    expect(fromPlain(toPlain(filter))).toEqual(filter);
  });

  it('is frozen to the bottom', () => {
    const plain = toPlain({ a: { b: [{ c: 1 }] } }) as unknown as { a: { b: [{ c: number }] } };
    expect(() => (plain.a.b[0].c = 2)).toThrow(TypeError);
  });
});

describe('A whole number that a number of JavaScript cannot hold', () => {
  it.each([
    ['at the top', { views: 2 ** 53 }, 'views is 9007199254740992'],
    ['in a list', { a: [{ b: [1, -(2 ** 60)] }] }, 'a[0].b[1] is -1152921504606847000'],
  ])('is a problem %s, by its path', (_title, document, message) => {
    const [problem] = literalProblems(toPlain(document));
    expect(problem).toContain(message);
    expect(problem).toContain('write it as a Long, or as a Double');
  });

  it('is not to be confused with numbers that fit, decimals, and those that say their type', () => {
    const document = { a: 2 ** 53 - 1, b: 1e-300, c: 0.1, d: Decimal128.fromString('9007199254740993') };
    const typed = { e: Long.MAX_VALUE, f: new Double(2 ** 60), g: 2n ** 60n, h: 1e300 };
    expect([...literalProblems(toPlain({ ...document, ...typed }))]).toEqual([]);
  });
});

describe('The mark of a collection that is closed for a drop', () => {
  const validators: Document[] = [
    {},
    { a: { $in: [new Double(10), Long.fromNumber(5), new BSONRegExp('(?i)x')] }, b: { $eq: { $numberLong: '5' } } },
    { $jsonSchema: { required: ['email'], properties: { n: { minimum: 3_000_000_000 }, m: { maximum: 1.5 } } } },
    { email: { $regex: '^a', $options: 'i' }, at: { $gt: new Date(0) }, owner: new ObjectId(hex), tag: /x/m },
  ];

  it.each(validators)('remembers the validation %j as it was', (validator) => {
    for (const levels of [{}, { validationLevel: 'moderate', validationAction: 'warn' }]) {
      const before = validationOf({ validator, ...levels });
      const decoded = decodeClosed(encodeClosed(before));
      expect(toPlain(decoded as unknown as Document)).toEqual(toPlain(before as unknown as Document));
    }
  });

  it('fills in the level and action that the server assumes', () => {
    expect(validationOf({})).toEqual({ validator: {}, validationLevel: 'strict', validationAction: 'error' });
  });

  it('is not seen in validators of other kinds', () => {
    const others = [
      {},
      { validator: {} },
      { validator: { $comment: 'closed' } },
      { validator: { $nor: [{}], $comment: 5 } },
    ];
    expect(others.map(decodeClosed)).toEqual(others.map(() => undefined));
  });
});
