const lineEnd = 0x0a;
/** mongod cuts off what it writes long before. A file without line ends would else fill the memory. */
const longest = 4 * 1024 ** 2;

/**
 * The lines of a stream of any size, as bytes and without their ends, some at a time; undefined in the place of one that is too long.
 */
export async function* linesOf(stream: AsyncIterable<Buffer | string>): AsyncGenerator<(Buffer | undefined)[]> {
  /** What is read of a line that has not ended. */
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
