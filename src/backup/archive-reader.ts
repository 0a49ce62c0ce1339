import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { shown } from '../support/display-path';
import { reasonOf, reportOf, SchemaError } from '../support/schema-error';
import { codeOf } from '../support/system-error';
import { DumpReader, type Dump, type DumpReaderOptions } from './dump-stream';
import { decrypt, isEncrypted } from './encryption';
import { manifestName, parseManifest, partName, type Manifest, type Part } from './manifest';

/** The maximum size of a part of an archive, in bytes. */
const largestPart = 64 * 1024 * 1024;
const largestManifest = 64 * 1024 * 1024;

/** An archive that was read to its end and is complete. */
export interface CheckedArchive {
  readonly file: string;
  readonly bytes: number;
  readonly manifest: Manifest;
  readonly dump: Dump;
}

export interface ReadOptions extends Omit<DumpReaderOptions, 'maxBytes'> {
  /** The maximum unpacked size, in bytes. The default is the maximum that a file of this compressed size can unpack to. */
  readonly maxSize?: number | undefined;
}

/**
 * At best, gzip compresses data to about a thousandth of their size. A file with a larger ratio was compressed twice, and a backup never
 * is.
 */
const largestRatio = 1_100;
const smallest = 16 * 1024 * 1024;

/**
 * Reads an archive from its first to its last byte, and compares everything in it with its manifest: names, kinds, sizes
 * and checksums of its members, and the documents of every collection. Writes nothing, and keeps no documents in memory.
 * @throws error with code `DAMAGED` that says what is wrong; USAGE when the file does not exist
 */
export async function checkArchive(file: string, options: ReadOptions = {}): Promise<CheckedArchive> {
  const { size: bytes } = await fileOf(file);
  if (bytes === 0) throw damaged(file, 'it is empty');
  const { maxSize = bytes * largestRatio + smallest, ...wanted } = options;
  const reader = new DumpReader({ ...wanted, maxBytes: maxSize });
  const members = new Members();
  try {
    await pipeline(Readable.from(members.partsOf(file), { objectMode: false }), createGunzip(), reader);
  } catch (error) {
    throw damaged(file, describe(error), error);
  }
  const { manifest } = members;
  const { dump } = reader;
  const problem = compareParts(members.parts, manifest) ?? compareCollections(dump, manifest);
  if (problem !== undefined) throw damaged(file, problem);
  return { file, bytes, manifest, dump };
}

/**
 * Returns the dump of a checked archive, compressed, for mongorestore.
 * @throws error with code `DAMAGED` when the file has changed since the check
 */
export async function* dumpOf({ file, manifest }: Pick<CheckedArchive, 'file' | 'manifest'>): AsyncGenerator<Buffer> {
  const members = new Members();
  try {
    for await (const part of members.partsOf(file)) {
      const expected = manifest.parts[members.parts.length - 1]?.sha256;
      if (members.parts.at(-1)?.sha256 !== expected) throw new Error('the file has changed since it was checked');
      yield part;
    }
  } catch (error) {
    throw damaged(file, describe(error), error);
  }
}

/** Reads the members of the tar file one by one. Throws plain errors, which `damaged` turns into SchemaErrors. */
class Members {
  readonly parts: Part[] = [];
  #manifest: Manifest | undefined;

  get manifest(): Manifest {
    if (!this.#manifest) throw new Error('the archive has not been read to its end');
    return this.#manifest;
  }

  async *partsOf(file: string): AsyncGenerator<Buffer> {
    const tar = extract();
    const gpg = isEncrypted(file) ? decrypt() : undefined;
    const source = createReadStream(file, { highWaterMark: 256 * 1024 });
    const reading = gpg
      ? pipeline(source, gpg.stream, createGunzip(), tar)
      : pipeline(source, createGunzip({ chunkSize: 256 * 1024 }), tar);
    // `reading` is awaited only below, so this handler prevents an unhandled rejection.
    reading.catch(() => undefined);
    try {
      for await (const entry of tar) {
        if (this.#manifest) throw new Error(`it has data after ${manifestName}`);
        const content = await this.#contentOf(entry);
        if (content) yield content;
      }
      await Promise.all([reading, gpg?.ended]);
    } catch (error) {
      if (gpg) await gpg.ended;
      throw error;
    } finally {
      source.destroy();
      tar.destroy();
    }
    if (!this.#manifest) throw new Error(`it has no ${manifestName} at its end, so it is truncated`);
  }

  /** Returns a part of the dump; undefined for the manifest. */
  async #contentOf(entry: AsyncIterable<unknown> & { readonly header: Header }): Promise<Buffer | undefined> {
    const { name, type, size } = entry.header;
    const isManifest = name === manifestName;
    if (type !== 'file') throw new Error(`the archive member ${JSON.stringify(name)} is a ${type}, not a plain file`);
    if (!isManifest && name !== partName(this.parts.length)) {
      const expected = `${partName(this.parts.length)} or ${manifestName}`;
      throw new Error(`the archive member ${JSON.stringify(name)} is in the wrong place: expected ${expected}`);
    }
    if (size > (isManifest ? largestManifest : largestPart)) throw new Error(`the archive member ${name} is too large`);
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const content = Buffer.concat(chunks);
    if (!isManifest) {
      const sha256 = createHash('sha256').update(content).digest('hex');
      this.parts.push({ name, size: content.length, sha256 });
      return content;
    }
    try {
      this.#manifest = parseManifest(content.toString());
    } catch (error) {
      throw new Error(`its ${manifestName} is invalid: ${reasonOf(error)}`, { cause: error });
    }
    return undefined;
  }
}

function compareParts(parts: readonly Part[], manifest: Manifest): string | undefined {
  if (parts.length !== manifest.parts.length) {
    return `its manifest lists ${manifest.parts.length} parts, but the archive contains ${parts.length}`;
  }
  const wrong = parts.find(({ size, sha256 }, at) => {
    const expected = manifest.parts[at];
    return size !== expected?.size || sha256 !== expected.sha256;
  });
  return wrong && `the checksum of ${wrong.name} differs from the checksum in the manifest`;
}

function compareCollections({ database, collections }: Dump, manifest: Manifest): string | undefined {
  if (database !== manifest.database && collections.length > 0) {
    return `the archive contains a dump of ${JSON.stringify(database)}, but its manifest is for ${JSON.stringify(manifest.database)}`;
  }
  const names = new Set([...collections, ...manifest.collections].map(({ name }) => name));
  for (const name of names) {
    const dumped = collections.find((one) => one.name === name);
    const expected = manifest.collections.find((one) => one.name === name);
    if (!dumped) return `its manifest lists ${JSON.stringify(name)}, but its dump does not contain this collection`;
    if (!expected) return `its dump contains ${JSON.stringify(name)}, but its manifest does not list this collection`;
    const { documents, bytes, sha256 } = expected;
    if (dumped.documents !== documents) {
      return `its dump contains ${dumped.documents} documents of ${JSON.stringify(name)}, but its manifest says ${documents}`;
    }
    if (dumped.bytes !== bytes) {
      return `its dump contains ${dumped.bytes} bytes of ${JSON.stringify(name)}, but its manifest says ${bytes}`;
    }
    if (dumped.sha256 !== sha256)
      return `the documents of ${JSON.stringify(name)} differ from the documents that the manifest describes`;
  }
  return undefined;
}

const nameAFile = 'name the file of a backup';

async function fileOf(file: string): Promise<{ size: number }> {
  const found = await stat(file).catch(async (error: unknown) => {
    const isLink = await lstat(file).then(
      (entry) => entry.isSymbolicLink(),
      () => false,
    );
    const why =
      codeOf(error) === 'ENOENT'
        ? isLink
          ? 'the target of the link does not exist'
          : 'there is no such file'
        : reasonOf(error);
    throw new SchemaError('USAGE', `Cannot read ${shown(file)}`, { why, fix: nameAFile, cause: error });
  });
  if (!found.isFile()) {
    throw new SchemaError('USAGE', `Cannot read ${shown(file)}`, { why: 'it is not a file', fix: nameAFile });
  }
  return found;
}

function damaged(file: string, why: string, cause?: unknown): Error {
  // Return the error unchanged if it does not mean that the archive is damaged.
  const code = codeOf(cause);
  if (code === 'USAGE' || code === 'EACCES' || code === 'EISDIR') return cause as Error;
  const { fix = 'use another backup' } = reportOf(cause);
  return new SchemaError('DAMAGED', `Cannot use ${shown(file)} as a backup`, { why, fix, cause });
}

/** Rewords error messages of zlib and tar-stream for people. */
function describe(error: unknown): string {
  const message = reasonOf(error);
  switch (codeOf(error)) {
    case 'Z_BUF_ERROR':
      return 'it is truncated';
    case 'Z_DATA_ERROR':
      return message === 'incorrect header check'
        ? 'it is not compressed with gzip'
        : `its bytes are damaged (${message})`;
    default:
      if (message === 'Unexpected end of data') return 'it is truncated';
      return message.startsWith('Invalid tar header') ? 'it is not a tar archive' : message;
  }
}
