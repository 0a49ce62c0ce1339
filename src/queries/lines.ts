const lineEnd = 0x0a;
/** The maximum length of a line, in bytes: a file without line ends must not fill the memory. The log lines of mongod are much shorter. */
const longest = 4 * 1024 ** 2;

/**
 * Yields the lines of a stream of any size in groups, as bytes without line ends. Yields undefined for a line of more than 4 MiB.
 */
export async function* linesOf(stream: AsyncIterable<Buffer | string>): AsyncGenerator<(Buffer | undefined)[]> {
  /** The parts of the current line that were read so far. */
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer) => {
    size += part.length;
    if (size > longest) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const end = (): Buffer | undefined => {
    const line = size > longest ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts);
    [parts, size] = [[], 0];
    return line;
  };
  for await (const read of stream) {
    const chunk = typeof read === 'string' ? Buffer.from(read) : read;
    const lines: (Buffer | undefined)[] = [];
    let from = 0;
    for (let at = chunk.indexOf(lineEnd); at !== -1; at = chunk.indexOf(lineEnd, from)) {
      keep(chunk.subarray(from, at));
      lines.push(end());
      from = at + 1;
    }
    keep(chunk.subarray(from));
    yield lines;
  }
  if (size > 0) yield [end()];
}
