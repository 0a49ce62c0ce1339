/** The maximum depth to read: a deeper document would overflow the stack. The server refuses documents with more than 200 levels. */
export const deepest = 250;

/** The size in bytes of the shortest document with that depth. Each level takes at least a type, the end of a name, a size and an end. */
const shortestDeep = 7 * deepest;

/**
 * Returns whether a document (BSON) is nested deeper than `deepest`. Does not use recursion. A short document is not read, because it
 * cannot be so deep.
 * @throws a plain Error for bytes that are not a document
 */
export function isTooDeep(bson: Buffer): boolean {
  if (bson.length < shortestDeep) return false;
  /** The end of each document that is still open. */
  const ends = [bson.readInt32LE(0)];
  let at = 4;
  while (ends.length > 0) {
    if (at >= bson.length) throw new Error('a document in the dump is damaged');
    const type = bson.readUInt8(at++);
    if (type === 0) {
      if (ends.pop() !== at) throw new Error('a document in the dump is damaged');
      continue;
    }
    at = afterText(bson, at);
    if (type === 0x03 || type === 0x04) {
      ends.push(at + bson.readInt32LE(at));
      if (ends.length > deepest) return true;
      at += 4;
    } else at += sizeOf(type, bson, at);
  }
  return false;
}

/** Returns the position after a null-terminated string. */
function afterText(bson: Buffer, at: number): number {
  const end = bson.indexOf(0, at);
  if (end === -1) throw new Error('a document in the dump is damaged');
  return end + 1;
}

/** The sizes in bytes of the BSON types with a fixed size. */
const fixed: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
  0x7f: 0,
  0xff: 0,
};

/** Returns the size in bytes of a value that is not a document. @see https://bsonspec.org/spec.html */
function sizeOf(type: number, bson: Buffer, at: number): number {
  const size = fixed[type];
  if (size !== undefined) return size;
  switch (type) {
    case 0x02: // text, code, symbol
    case 0x0d:
    case 0x0e:
      return 4 + lengthAt(bson, at);
    case 0x05: // bytes
      return 5 + lengthAt(bson, at);
    case 0x0b: // a regular expression: two texts
      return afterText(bson, afterText(bson, at)) - at;
    case 0x0c: // a pointer to a document
      return 4 + lengthAt(bson, at) + 12;
    case 0x0f: // code with a scope
      return lengthAt(bson, at);
    default:
      throw new Error('a document in the dump is damaged');
  }
}

function lengthAt(bson: Buffer, at: number): number {
  const length = at + 4 <= bson.length ? bson.readInt32LE(at) : -1;
  if (length < 0) throw new Error('a document in the dump is damaged');
  return length;
}
