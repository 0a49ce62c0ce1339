import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID, type Document } from 'mongodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeClosed,
  validationOf,
  documentId,
  documentKey,
  fromPlain,
  refuseInexact,
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

  it('knows int, long and double as one number', () => {
    expect(toPlain({ a: new Int32(5), b: Long.fromNumber(5), c: new Double(5) })).toEqual({ a: 5, b: 5, c: 5 });
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

describe('A whole number that a double cannot hold', () => {
  it.each([
    ['at the top', { views: 2 ** 53 }, 'views is 9007199254740992'],
    ['in a list', { a: [{ b: [1, -(2 ** 60)] }] }, 'a.0.b.1 is -1152921504606847000'],
    ['as a Long', toPlain({ n: Long.MAX_VALUE }), 'n is 9223372036854776000'],
  ])('is refused %s, by its path', (_title, document, message) => {
    expect(() => {
      refuseInexact(document);
    }).toThrow(errorWith({ code: 'MIGRATION', why: message, fix: 'write it as a Decimal128' }));
  });

  it('is not to be confused with numbers that fit, or decimals', () => {
    const document = toPlain({ a: 2 ** 53 - 1, b: 1e-300, c: 0.1, d: Decimal128.fromString('9007199254740993') });
    expect(() => {
      refuseInexact(document);
    }).not.toThrow();
  });
});

describe('The mark of a collection that is closed for a drop', () => {
  const validators: Document[] = [
    {},
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
