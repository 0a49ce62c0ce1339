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

/** What a log held. */
export interface LogReport {
  readonly lines: number;
  /** Lines of slow queries that cannot be read, such as the last one of a file that was cut off. */
  readonly damaged: number;
  /** Lines that no mongod of version 4.4 or later has written. */
  readonly foreign: number;
  /** Slow queries that are not counted: of other databases, of this tool and of the server, and commands on no collection. */
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  /** A compressed file ends early, or is damaged from there on. */
  readonly endsEarly: boolean;
}

export interface LogOptions extends EntryOptions {
  /** The path of a file, compressed or not; `-` for `stdin`. */
  readonly file: string;
  readonly stdin: NodeJS.ReadableStream;
  /** Faster ones are left out, in milliseconds. */
  readonly slowMs: number;
}

/** The line that mongod writes of an operation that took long. */
const slowQuery = Buffer.from('"id":51803');

/**
 * Reads the slow queries of a log of mongod, line by line, so that it may be of any size. It asks no server.
 * @throws error with code `USAGE` for a file that cannot be read
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

/** Programs that collect logs put something in front of a line. */
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
    // No JSON, or nested more deeply than any query may be.
    return undefined;
  }
}

/** The text of a log, whether it is compressed or not: its first bytes tell. */
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
  // An error of either ends what is read of the last.
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
