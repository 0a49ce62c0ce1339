import { BSON, type Document } from 'mongodb';

/** Keeps BSON types. With JavaScript types, a Long beyond 2^53 or a Decimal128 NaN would be written as another value than was read. */
const asStored = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
  validation: { utf8: false },
} as const;

/** Returns a raw document as a value that the driver serializes to the same bytes; undefined when there is no such value. */
export function exactDocument(raw: Uint8Array): { readonly value: unknown } | undefined {
  return exact({ type: types.document, name: '', bytes: raw });
}

/**
 * Returns a field of a raw document as a value that the driver sends as the same bytes; undefined when there is no such value (for example,
 * when a date is outside JavaScript's range). A document whose fields JavaScript would reorder, `{ b: 1, '1': 1 }`, becomes a Map.
 */
export function exactField(raw: Uint8Array, field: string): { readonly value: unknown } | undefined {
  const found = elementsOf(raw).find(({ name }) => name === field);
  return found && exact(found);
}

function exact(found: Element): { readonly value: unknown } | undefined {
  const wanted = alone(found);
  for (const read of [plainValue, orderedValue]) {
    const value = attempt(() => read(found));
    const written = value && attempt(() => BSON.serialize(new Map([['', value.value]])));
    if (written && Buffer.compare(written.value, wanted) === 0) return value;
  }
  return undefined;
}

/** A field of a raw document. */
export interface Element {
  readonly type: number;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Returns the fields of a raw document, in their order. */
export function elementsOf(raw: Uint8Array): Element[] {
  const buffer = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  return [...BSON.onDemand.parseToElements(raw)].map(([type, nameAt, nameLength, at, length]) => ({
    type,
    name: buffer.toString('utf8', nameAt, nameAt + nameLength),
    bytes: raw.subarray(at, at + length),
  }));
}

/** Returns the bytes of a document that contains only this value, in a field whose name is empty. */
export function alone({ type, bytes }: Element): Buffer {
  const head = Buffer.alloc(6);
  head.writeInt32LE(bytes.length + 7, 0);
  head.writeUInt8(type, 4);
  return Buffer.concat([head, bytes, Buffer.alloc(1)]);
}

function plainValue(element: Element): unknown {
  return BSON.deserialize(alone(element), asStored)[''];
}

const types = { document: 3, array: 4 } as const;

function orderedValue(element: Element): unknown {
  if (element.type === types.array) return elementsOf(element.bytes).map(orderedValue);
  if (element.type !== types.document) return plainValue(element);
  return new Map(elementsOf(element.bytes).map((each) => [each.name, orderedValue(each)]));
}

/**
 * Returns the result of the work; undefined when bson cannot read or write a value. In that case, the caller tries another way to read the
 * value.
 */
function attempt<T>(work: () => T): { readonly value: T } | undefined {
  try {
    return { value: work() };
  } catch {
    return undefined;
  }
}

/** Formats a BSON value in one line, for messages: as relaxed Extended JSON. */
export function inOneLine(value: unknown): string {
  return BSON.EJSON.stringify(value, { relaxed: true });
}

/** Returns the bytes of a document that was read with `raw: true`. The driver's types do not show that such a document is a buffer. */
export function bytesOf(document: Document): Uint8Array {
  return document as Uint8Array;
}
