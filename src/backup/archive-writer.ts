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

/** The header of a tar member contains its size. So the dump is split into members, and only one member at a time is in memory. */
const partSize = 8 * 1024 * 1024;
const chunkSize = 256 * 1024;
/** The gzip level. Most of a backup's time goes into compression. This level takes half the time of level 6, and a tenth more space. */
const level = 4;

export interface WrittenArchive {
  readonly manifest: Manifest;
  readonly dump: Dump;
  /** The size of the file. */
  readonly bytes: number;
  /** sha256 (hex) of the file. */
  readonly sha256: string;
}

export interface WriteOptions {
  /** The new file. It must not exist. */
  readonly file: string;
  /** mongodump's archive format, uncompressed. */
  readonly dump: Readable;
  /** Called after the last byte of the dump; its result is written at the end of the archive. */
  readonly describe: (dump: Dump) => Promise<Omit<Manifest, 'parts'>>;
  readonly encryptTo?: string | undefined;
  readonly onDocuments?: (documents: number) => void;
}

/**
 * Writes an archive in one pass. The output of mongodump is hashed, compressed, split into members of a tar file, and written.
 * There are no temporary files, and the memory in use does not grow with the data.
 */
export async function writeArchive(options: WriteOptions): Promise<WrittenArchive> {
  const stop = new AbortController();
  const tar = pack();
  const sink = digest();
  const gpg = options.encryptTo === undefined ? undefined : encryptFor(options.encryptTo);
  // The members are already compressed. gzip only adds a checksum here.
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
    // Report the first failure, which stopped the other stream.
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

/** Returns a stream that passes each chunk on after the reader has read it. */
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

/** Resolves when the member has been passed on. Wait for this before you add the next member. */
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
