import { BSON } from 'mongodb';
import { deepFreeze } from './freeze';
import { documentOf, doubleIn, toPlain } from './plain';
import type { Plain, PlainObject } from './schema';
import { alone, elementsOf, type Element } from '../support/exact-bson';

const types = {
  double: 1,
  string: 2,
  document: 3,
  array: 4,
  undefined: 6,
  boolean: 8,
  date: 9,
  nothing: 10,
  regExp: 11,
  pointer: 12,
  int32: 16,
  long: 18,
} as const;

/**
 * Returns a document that was read with `raw: true` as frozen plain data. The driver does not convert such a document to JavaScript values,
 * so types and the order of names remain as stored, and every regular expression can be read.
 */
export function plainOfBytes(raw: Uint8Array): PlainObject {
  return deepFreeze(documentAt(raw, true) as PlainObject);
}

function documentAt(raw: Uint8Array, isTop: boolean): Plain {
  return documentOf(
    elementsOf(raw).map((element) => [element.name, valueOf(element)] as const),
    { isTop },
  );
}

function valueOf(element: Element): Plain {
  const { type } = element;
  const bytes = Buffer.from(element.bytes.buffer, element.bytes.byteOffset, element.bytes.byteLength);
  switch (type) {
    case types.document:
      return documentAt(bytes, false);
    case types.array:
      return elementsOf(bytes).map(valueOf);
    case types.string:
      return bytes.toString('utf8', 4, bytes.length - 1);
    case types.boolean:
      return bytes[0] === 1;
    case types.nothing:
      return null;
    case types.int32:
      return bytes.readInt32LE(0);
    case types.double:
      return doubleIn(bytes.readDoubleLE(0));
    case types.long:
      return { $numberLong: String(bytes.readBigInt64LE(0)) };
    case types.undefined:
      return { $undefined: true };
    case types.date:
      return dateOf(bytes.readBigInt64LE(0)) ?? typedValue(element);
    case types.regExp: {
      const [pattern = '', options = ''] = bytes.toString('utf8').split('\0');
      return { $regularExpression: { pattern, options } };
    }
    case types.pointer:
      return { $dbPointer: bytes.toString('hex') };
    default:
      return typedValue(element);
  }
}

/** Returns a date outside JavaScript's range; undefined for any other date. */
function dateOf(milliseconds: bigint): Plain | undefined {
  const limit = 8_640_000_000_000_000n;
  return milliseconds > limit || milliseconds < -limit ? { $date: { $numberLong: String(milliseconds) } } : undefined;
}

function typedValue(element: Element): Plain {
  const options = { promoteValues: false, promoteBuffers: false, validation: { utf8: false } } as const;
  return toPlain({ value: BSON.deserialize(alone(element), options)[''] as unknown })['value'] ?? null;
}
