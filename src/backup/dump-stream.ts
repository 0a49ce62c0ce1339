import { createHash, type Hash } from 'node:crypto';
import { Writable } from 'node:stream';
import { BSON, type Document } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import { deepest, isTooDeep } from './bson-depth';

/** One collection in a dump. */
export interface DumpedCollection {
  readonly name: string;
  /** `collection`, `view` or `timeseries`. */
  readonly type: string;
  readonly documents: number;
  /** The size of its documents as BSON, uncompressed. */
  readonly bytes: number;
  /** sha256 (hex) of its documents as BSON, one after the other. */
  readonly sha256: string;
  /** Options and indexes, as the server reported them. */
  readonly metadata: DumpMetadata;
}

export interface DumpMetadata {
  readonly options?: Document;
  readonly indexes?: readonly Document[];
}

export interface Dump {
  readonly database: string;
  readonly serverVersion: string;
  readonly toolVersion: string;
  readonly collections: readonly DumpedCollection[];
}

export interface DumpReaderOptions {
  /** Called at intervals with the number of documents so far. */
  readonly onDocuments?: ((documents: number) => void) | undefined;
  /** For some collections, by name: a function that receives each document as BSON. */
  readonly wanted?: Readonly<Record<string, (bson: Buffer) => void>> | undefined;
  /** The maximum size of the stream. When it is exceeded, reading stops with an error. */
  readonly maxBytes?: number | undefined;
}

const magic = 0x8199e26d;
const endOfBlock = 0xffffffff;
/** The server's limit for a document, plus some space for fields that wrap the document. */
const largestDocument = 16 * 1024 * 1024 + 16 * 1024;

interface Namespace {
  readonly type: string;
  readonly metadata: DumpMetadata;
  readonly hash: Hash;
  documents: number;
  bytes: number;
  isWhole: boolean;
}

/**
 * Reads mongodump's archive format (uncompressed) from a stream: a header, the metadata of the collections, then blocks of
 * documents, each block from one collection. Keeps no document, so memory does not grow with the data.
 * @see https://github.com/mongodb/mongo-tools/blob/master/common/archive/archive.go
 */
export class DumpReader extends Writable {
  readonly #options: DumpReaderOptions;
  readonly #namespaces = new Map<string, Namespace>();
  /** The received part of the next item, and the number of bytes needed to continue. */
  #waiting: Buffer[] = [];
  #waitingSize = 0;
  #neededSize = 0;
  #state: 'magic' | 'header' | 'prelude' | 'between' | 'documents' = 'magic';
  #header: Document = {};
  #database = '';
  #current: { readonly name: string; readonly namespace: Namespace } | undefined;
  #documents = 0;
  #bytes = 0;
  #dump: Dump | undefined;

  constructor(options: DumpReaderOptions = {}) {
    super({ highWaterMark: 1024 * 1024 });
    this.#options = options;
  }

  /** The result, once the stream has finished. */
  get dump(): Dump {
    if (!this.#dump) throw new Error('the dump has not been read to its end');
    return this.#dump;
  }

  override _write(chunk: Buffer, _encoding: unknown, done: (error?: Error) => void): void {
    try {
      this.#bytes += chunk.length;
      const { maxBytes = Infinity } = this.#options;
      if (this.#bytes > maxBytes) {
        throw damaged(
          `its unpacked size is more than ${Math.ceil(maxBytes / 1024 / 1024)} MiB; --max-size sets another limit`,
        );
      }
      this.#waiting.push(chunk);
      this.#waitingSize += chunk.length;
      if (this.#waitingSize >= this.#neededSize) this.#consumeWaiting();
      this.#options.onDocuments?.(this.#documents);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _final(done: (error?: Error) => void): void {
    try {
      if (this.#state !== 'between' || this.#waitingSize > 0) throw damaged('it is truncated');
      const collections = [...this.#namespaces].map(([name, { hash, type, metadata, documents, bytes, isWhole }]) => {
        if (!isWhole && type !== 'view' && type !== 'timeseries')
          throw damaged(`it is truncated: the collection ${JSON.stringify(name)} has no end`);
        return { name, type, documents, bytes, sha256: hash.digest('hex'), metadata };
      });
      this.#dump = {
        database: this.#database,
        serverVersion: String(this.#header['server_version']),
        toolVersion: String(this.#header['tool_version']),
        collections: collections.sort((one, other) => (one.name < other.name ? -1 : 1)),
      };
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  /**
   * Consumes the received bytes only when they contain a complete item. A large item arrives in many pieces, and joining the pieces each
   * time would be slow.
   */
  #consumeWaiting(): void {
    const [only, ...more] = this.#waiting;
    const rest = this.#consume(only && more.length === 0 ? only : Buffer.concat(this.#waiting));
    this.#waiting = rest.length > 0 ? [rest] : [];
    this.#waitingSize = rest.length;
    this.#neededSize = rest.length < 4 ? 0 : rest.readUInt32LE(0);
  }

  /** Consumes complete items from the start, and returns the rest. */
  #consume(buffer: Buffer): Buffer {
    let at = 0;
    // Consecutive documents are hashed with one call.
    let hashedTo = 0;
    const hashTo = (end: number) => {
      if (this.#current && end > hashedTo) {
        this.#current.namespace.hash.update(buffer.subarray(hashedTo, end));
        this.#current.namespace.bytes += end - hashedTo;
      }
      hashedTo = end;
    };
    while (buffer.length - at >= 4) {
      const size = buffer.readUInt32LE(at);
      if (this.#state === 'magic') {
        if (size !== magic) throw damaged('it is not an archive of mongodump');
        at += 4;
        this.#state = 'header';
        continue;
      }
      if (size === endOfBlock) {
        hashTo(at);
        at += 4;
        this.#endBlock();
        hashedTo = at;
        continue;
      }
      if (size < 5 || size > largestDocument)
        throw damaged(`it contains a document of ${size} bytes, which is not a valid size`);
      if (buffer.length - at < size) break;
      const isDocument = this.#state === 'documents';
      this.#item(buffer.subarray(at, at + size));
      at += size;
      if (!isDocument) hashedTo = at;
    }
    hashTo(at);
    return buffer.subarray(at);
  }

  #endBlock(): void {
    if (this.#state === 'header') throw damaged('it has no header');
    this.#state = 'between';
    this.#current = undefined;
  }

  #item(bson: Buffer): void {
    if (isTooDeep(bson)) throw damaged(`it contains a document that is nested deeper than ${deepest} levels`);
    switch (this.#state) {
      case 'header':
        this.#header = BSON.deserialize(bson);
        this.#state = 'prelude';
        return;
      case 'prelude':
        this.#addNamespace(BSON.deserialize(bson));
        return;
      case 'between':
        this.#openBlock(BSON.deserialize(bson));
        return;
      case 'documents':
        this.#document(bson);
        return;
      case 'magic':
        throw damaged('it lacks the bytes with which an archive of mongodump begins');
    }
  }

  #addNamespace({ db, collection, metadata, type }: Document): void {
    if (typeof db !== 'string' || typeof collection !== 'string')
      throw damaged('it contains a collection without a name');
    if (this.#namespaces.size > 0 && db !== this.#database) throw damaged('it contains more than one database');
    this.#database = db;
    const text = typeof metadata === 'string' && metadata !== '' ? metadata : '{}';
    this.#namespaces.set(collection, {
      type: typeof type === 'string' && type !== '' ? type : 'collection',
      metadata: BSON.EJSON.parse(text, { relaxed: false }) as DumpMetadata,
      hash: createHash('sha256'),
      documents: 0,
      bytes: 0,
      isWhole: false,
    });
  }

  #openBlock({ db, collection, EOF }: Document): void {
    const name = String(collection);
    const namespace = this.#namespaces.get(name) ?? this.#bucketsOf(name);
    if (!namespace || db !== this.#database)
      throw damaged(
        `it contains documents of ${JSON.stringify(name)}, which is not in the list of collections at the beginning of the dump`,
      );
    if (namespace.isWhole)
      throw damaged(`it contains more data of ${JSON.stringify(name)} after the end of that collection`);
    if (EOF === true) namespace.isWhole = true;
    this.#current = { name, namespace };
    this.#state = 'documents';
  }

  /**
   * Returns the time series whose buckets have this name. mongodump stores the documents of a time series under the name of its buckets.
   */
  #bucketsOf(name: string): Namespace | undefined {
    const series = this.#namespaces.get(name.replace(/^system\.buckets\./, ''));
    return series?.type === 'timeseries' ? series : undefined;
  }

  #document(bson: Buffer): void {
    if (!this.#current || this.#current.namespace.isWhole)
      throw damaged('it contains a document after the end of the collection of that document');
    this.#current.namespace.documents += 1;
    this.#documents += 1;
    const { wanted } = this.#options;
    if (wanted && Object.hasOwn(wanted, this.#current.name)) wanted[this.#current.name]?.(Buffer.from(bson));
  }
}

function damaged(why: string): Error {
  return new SchemaError('DAMAGED', 'The dump is damaged', { why });
}
