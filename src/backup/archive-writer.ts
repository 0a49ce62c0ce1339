import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { codeOf } from '../support/system-error';
import { DumpReader, type Dump } from './dump-stream';
import { encryptFor } from './encryption';
import { manifestName, partName, type Manifest, type Part } from './manifest';

/** A tar member needs its size in advance, so the dump is cut into members, and one at a time is in memory. */
const partSize = 8 * 1024 * 1024;
const chunkSize = 256 * 1024;
/** Half of the time that level 6 takes, for a tenth more space: compressing is most of what a backup does. */
const level = 4;

export interface WrittenArchive {
  readonly manifest: Manifest;
  readonly dump: Dump;
  /** Of the file. */
  readonly bytes: number;
  /** sha256 (hex) of the file. */
  readonly sha256: string;
}

export interface WriteOptions {
  /** A new file: one that is there already is an error. */
  readonly file: string;
  /** mongodump's archive format, uncompressed. */
  readonly dump: Readable;
  /** Called after the last byte of the dump; its result is written at the end. */
  readonly describe: (dump: Dump) => Promise<Omit<Manifest, 'parts'>>;
  readonly encryptTo?: string | undefined;
  readonly onDocuments?: (documents: number) => void;
}

/**
 * Writes an archive in one go: what comes from mongodump is hashed, compressed, cut into members of a tar, and written;
 * nothing is put down in between, and what is in memory does not grow with the data.
 */
export async function writeArchive(options: WriteOptions): Promise<WrittenArchive> {
  const stop = new AbortController();
  const tar = pack();
  const sink = digest();
  const gpg = options.encryptTo === undefined ? undefined : encryptFor(options.encryptTo);
  // Its members are compressed already; gzip adds no more than a checksum here.
  const outer = createGzip({ level: constants.Z_NO_COMPRESSION, chunkSize });
  const file = createWriteStream(options.file, { flags: 'wx', mode: 0o600, flush: true });
  const writing = Promise.all([
    gpg
      ? pipeline(tar, outer, gpg.stream, sink, file, { signal: stop.signal })
      : pipeline(tar, outer, sink, file, { signal: stop.signal }),
    gpg?.ended,
  ]);
  const reader = new DumpReader({ onDocuments: options.onDocuments });
  const filling = fill(tar, options, reader, stop.signal);
  try {
    const [{ manifest, dump }] = await Promise.all([filling, writing]);
    return { manifest, dump, ...sink.result() };
  } catch (error) {
    stop.abort();
    const results = await Promise.allSettled([gpg?.ended, writing, filling]);
    // Whatever failed first made the other one stop.
    throw results.map(rejectionOf).find((reason) => reason !== undefined && !isAbort(reason)) ?? error;
  }
}

async function fill(tar: Pack, { dump: source, describe }: WriteOptions, reader: DumpReader, signal: AbortSignal) {
  const parts: Part[] = [];
  const packed = async (compressed: AsyncIterable<Buffer>) => {
    for await (const part of inParts(compressed)) {
      parts.push({ name: partName(parts.length), size: part.length, sha256: sha256Of(part) });
      await addMember(tar, partName(parts.length - 1), part, signal);
    }
  };
  await pipeline(source, readBy(reader), createGzip({ level, chunkSize }), packed, { signal });
  const { dump } = reader;
  const manifest: Manifest = { ...(await describe(dump)), parts };
  await addMember(tar, manifestName, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), signal);
  tar.finalize();
  return { manifest, dump };
}

/** Lets everything through that the reader has read. */
function readBy(reader: DumpReader): Transform {
  return new Transform({
    transform: (chunk, _encoding, done) => {
      reader.write(chunk, (error) => {
        done(error, chunk);
      });
    },
    flush: (done) => {
      reader.on('error', done).end(() => {
        done();
      });
    },
    destroy: (error, done) => {
      reader.on('error', () => undefined).destroy();
      done(error);
    },
  });
}

async function* inParts(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < partSize) continue;
    yield Buffer.concat(chunks);
    [chunks, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(chunks);
}

/** Resolves when it has been passed on: the next one has to wait for that. */
function addMember(tar: Pack, name: string, content: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    const entry = tar.entry({ name, size: content.length, mode: 0o600, mtime: new Date(0) }, (error) => {
      signal.removeEventListener('abort', abort);
      if (error) reject(error);
      else resolve();
    });
    entry.on('error', reject);
    entry.end(content);
  });
}

function digest(): Transform & { result(): { bytes: number; sha256: string } } {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return Object.assign(stream, { result: () => ({ bytes, sha256: hash.digest('hex') }) });
}

function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function rejectionOf(result: PromiseSettledResult<unknown>): Error | undefined {
  return result.status === 'rejected' ? (result.reason as Error) : undefined;
}

function isAbort(error: Error): boolean {
  return error.name === 'AbortError' || codeOf(error) === 'ERR_STREAM_PREMATURE_CLOSE';
}
