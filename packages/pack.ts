import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkout } from './manifests';
import { pack, type Packed } from './tarball';
import { stageData, stageTool } from './stage';

/** `npm run pack`: writes both packages to `packed/`, which is replaced only after both are complete. */
async function main(): Promise<void> {
  const packed = path.join(checkout, 'packed');
  // This folder has the same parent folder as `packed/`, so that it can be renamed to `packed/`.
  const tarballs = `${packed}.new`;
  const work = await mkdtemp(path.join(tmpdir(), 'packages-'));
  try {
    await rm(tarballs, { recursive: true, force: true });
    await mkdir(tarballs);
    const [data, tool] = [path.join(work, 'data'), path.join(work, 'tool')];
    const staged = [await stageData(data), await stageTool(tool)];
    const lines: string[] = [];
    for (const one of staged) lines.push(describe(await pack(one, tarballs)));
    await rm(packed, { recursive: true, force: true });
    await rename(tarballs, packed);
    console.log(lines.join('\n'));
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(tarballs, { recursive: true, force: true });
  }
}

function describe({ filename, entryCount, size, unpackedSize, integrity }: Packed): string {
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
  return `packed/${filename}  ${entryCount} files, ${kilobytes(size)}, ${kilobytes(unpackedSize)} unpacked, ${integrity}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
