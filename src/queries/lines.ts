const lineEnd = 0x0a;
/** mongod cuts off what it writes long before. A file without line ends would else fill the memory. */
const longest = 4 * 1024 ** 2;

/** The lines of a stream of any size, as bytes and without their ends; undefined in the place of one that is too long. */
export async function* linesOf(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let size = 0;
  const end = (): Buffer | undefined => {
    const line = size > longest ? undefined : Buffer.concat(parts);
    [parts, size] = [[], 0];
    return line;
  };
  const keep = (part: Buffer) => {
    size += part.length;
    if (size > longest) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  for await (const read of stream) {
    const chunk = typeof read === 'string' ? Buffer.from(read) : read;
    let from = 0;
    for (let at = chunk.indexOf(lineEnd); at !== -1; at = chunk.indexOf(lineEnd, from)) {
      keep(chunk.subarray(from, at));
      yield end();
      from = at + 1;
    }
    keep(chunk.subarray(from));
  }
  if (size > 0) yield end();
}
