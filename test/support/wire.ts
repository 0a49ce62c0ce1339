import type { Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/** The part of MongoDB's wire protocol that is needed to inspect a connection without changing its messages. */
const opReply = 1;
const opMsg = 2013;
const headerSize = 16;
const moreToCome = 2;

/** Yields the complete messages of a connection, in order. Ends when the connection ends, for any reason. */
export async function* messagesOf(socket: Socket): AsyncGenerator<Buffer> {
  let received: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
        const length = received.readInt32LE(0);
        yield received.subarray(0, length);
        received = received.subarray(length);
      }
    }
  } catch {
    // The other side closed the connection.
  }
}

export function requestId(message: Buffer): number {
  return message.readInt32LE(4);
}

/** Returns the id of the request that a reply answers. */
export function answeredId(message: Buffer): number {
  return message.readInt32LE(8);
}

/** Returns whether the server will answer a request. */
export function wantsReply(message: Buffer): boolean {
  return message.readInt32LE(12) !== opMsg || (message.readUInt32LE(headerSize) & moreToCome) === 0;
}

/** Returns the document of a message; undefined for the old kind of request that opens a connection. Batches are left out. */
export function documentOf(message: Buffer): Document | undefined {
  const code = message.readInt32LE(12);
  if (code === opReply) return BSON.deserialize(message.subarray(headerSize + 20));
  if (code !== opMsg) return undefined;
  for (let at = headerSize + 4; at < message.length;) {
    const isDocument = message.readUInt8(at) === 0;
    const size = message.readInt32LE(at + 1);
    if (isDocument) return BSON.deserialize(message.subarray(at + 1, at + 1 + size));
    at += 1 + size;
  }
  return undefined;
}
