import type { Document } from 'mongodb';

/** One collection as a dump holds it. */
export interface DumpedCollection {
  readonly name: string;
  /** `collection`, `view` or `timeseries`. */
  readonly type: string;
  readonly documents: number;
  /** Of its documents as BSON, uncompressed. */
  readonly bytes: number;
  /** sha256 (hex) of its documents as BSON, one after the other. */
  readonly sha256: string;
  /** Options and indexes, as the server told them. */
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
  /** Told how many documents have gone by, now and then. */
  readonly onDocuments?: ((documents: number) => void) | undefined;
  /** Collections whose documents are wanted, and what to do with each: it is handed the BSON. */
  readonly wanted?: Readonly<Record<string, (bson: Buffer) => void>> | undefined;
}
