import type { Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/** MongoDB's wire protocol, as far as one needs it to look into a connection without altering what goes through. */
const opReply = 1;
const opMsg = 2013;
const headerSize = 16;
const moreToCome = 2;

/** The whole messages of a connection, in order. Ends when the connection does, for whatever reason. */
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
    // Cut off by the other side.
  }
}

export function requestId(message: Buffer): number {
  return message.readInt32LE(4);
}

/** The id of the request that a reply answers. */
export function answeredId(message: Buffer): number {
  return message.readInt32LE(8);
}

/** Whether the server will answer a request. */
export function wantsReply(message: Buffer): boolean {
  return message.readInt32LE(12) !== opMsg || (message.readUInt32LE(headerSize) & moreToCome) === 0;
}

/** The document of a message; undefined for the old kind of request that opens a connection. Batches are left out. */
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
