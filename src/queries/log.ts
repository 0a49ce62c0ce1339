import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BSON } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import { codeOf } from '../support/system-error';
import { readEntry, type EntryOptions, type LeftOut } from './entry';
import { linesOf } from './lines';
import { isPlain } from './redact';
import { Tally } from './tally';

/** The number of lines in a log, and the numbers of lines that were not counted as slow queries. */
export interface LogReport {
  readonly lines: number;
  /** Lines of slow queries that cannot be parsed, such as the last line of a truncated file. */
  readonly damaged: number;
  /** Lines that were not written by mongod 4.4 or later. */
  readonly foreign: number;
  /** Slow queries that are not counted: those of other databases, of this tool and of the server, and commands without a collection. */
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  /** Whether a compressed file is truncated or damaged. The rest of the file was not read. */
  readonly endsEarly: boolean;
}

export interface LogOptions extends EntryOptions {
  /** The path of a file, compressed with gzip or not; `-` for `stdin`. */
  readonly file: string;
  readonly stdin: NodeJS.ReadableStream;
  /** The minimum duration in milliseconds: faster queries are left out. */
  readonly slowMs: number;
}

/** The id of the log message "Slow query" of mongod. */
const slowQuery = Buffer.from('"id":51803');

/**
 * Reads the slow queries in a log file of mongod, line by line, so the file may have any size. Does not connect to a server.
 * @throws error with code `USAGE` if the file cannot be read
 */
export async function tallyLog(options: LogOptions): Promise<{ readonly tally: Tally; readonly log: LogReport }> {
  const tally = new Tally();
  const leftOut = { elsewhere: 0, own: 0, other: 0 };
  const found = { lines: 0, damaged: 0, foreign: 0, endsEarly: false };
  const count = (line: Buffer | undefined) => {
    found.lines += 1;
    if (!line?.includes(slowQuery)) {
      if (!line || !isOfMongod(line)) found.foreign += 1;
      return;
    }
    const entry = entryIn(line, options);
    if (entry === undefined) found.damaged += 1;
    else if (typeof entry === 'string') leftOut[entry] += 1;
    else if (entry.milliseconds >= options.slowMs) tally.add(entry);
  };
  try {
    for await (const lines of linesOf(await opened(options))) for (const line of lines) count(line);
  } catch (error) {
    if (!String(codeOf(error)).startsWith('Z_')) throw unreadable(options.file, error);
    found.endsEarly = true;
  }
  return { tally, log: { ...found, leftOut } };
}

/** Returns whether mongod wrote the line. The whole line is searched, because a log collector may have added a prefix. */
function isOfMongod(line: Buffer): boolean {
  return line.length === 0 || line.includes('{"t":{"$date"');
}

function entryIn(line: Buffer, options: EntryOptions): ReturnType<typeof readEntry> | undefined {
  try {
    const text = line.toString('utf8');
    const { t, attr, truncated } = BSON.EJSON.parse(text.slice(text.indexOf('{'))) as Readonly<Record<string, unknown>>;
    if (!isPlain(attr) || typeof attr['ns'] !== 'string' || typeof attr['durationMillis'] !== 'number')
      return undefined;
    return readEntry({ ...attr, ts: t }, options, isPlain(truncated) && 'command' in truncated);
  } catch {
    // The line is not JSON, or it is nested more deeply than a query can be.
    return undefined;
  }
}

/** Opens a log. The first bytes show whether the log is compressed. */
async function opened({ file, stdin }: LogOptions): Promise<AsyncIterable<Buffer | string>> {
  const source: AsyncIterable<Buffer | string> =
    file === '-' ? stdin : createReadStream(file, { highWaterMark: 1024 ** 2 });
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  const rest = async function* (): AsyncGenerator<Buffer> {
    for (let read = first; read.done !== true; read = await chunks.next()) {
      yield typeof read.value === 'string' ? Buffer.from(read.value) : read.value;
    }
  };
  if (first.done === true) return rest();
  const head = Buffer.from(first.value);
  const isCompressed = head[0] === 0x1f && head[1] === 0x8b;
  return isCompressed ? decompressed(rest()) : rest();
}

function decompressed(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const unzip = createGunzip();
  // An error in either stream also ends `unzip`, so the reader of `unzip` gets the error.
  pipeline(Readable.from(chunks), unzip, () => undefined);
  return unzip;
}

function unreadable(file: string, error: unknown): SchemaError {
  return new SchemaError('USAGE', `Cannot read ${file === '-' ? 'stdin' : file}`, {
    why: error instanceof Error ? error.message : String(error),
    fix: 'name a log file of mongod, or `-` for stdin',
    cause: error,
  });
}
