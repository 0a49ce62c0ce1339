import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { checkout } from './manifests';
import { stageData, stageTool, type Staged } from './stage';

/** What `npm pack --json` says of a tarball. */
interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly size: number;
  readonly integrity: string;
  readonly entryCount: number;
}

/** `npm run pack`: both packages into `packed/`, which is replaced only once both are whole. */
async function main(): Promise<void> {
  const packed = path.join(checkout, 'packed');
  // Beside it, so that it can be renamed to it.
  const tarballs = `${packed}.new`;
  const work = await mkdtemp(path.join(tmpdir(), 'packages-'));
  try {
    await rm(tarballs, { recursive: true, force: true });
    await mkdir(tarballs);
    const [data, tool] = [path.join(work, 'data'), path.join(work, 'tool')];
    const staged = [await stageData(data), await stageTool(tool)];
    const lines: string[] = [];
    for (const one of staged) lines.push(await pack(one, tarballs));
    await rm(packed, { recursive: true, force: true });
    await rename(tarballs, packed);
    console.log(lines.join('\n'));
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(tarballs, { recursive: true, force: true });
  }
}

/** npm gives every file in a tarball one time, owner and mode: the same files are the same bytes. */
async function pack({ folder }: Staged, to: string): Promise<string> {
  const { stdout } = await execa('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', to], {
    cwd: folder,
  });
  const [one] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  if (one === undefined) throw new Error(`npm packed nothing in ${folder}`);
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
  return `packed/${one.filename}  ${one.entryCount} files, ${kilobytes(one.size)}, ${kilobytes(one.unpackedSize)} unpacked, ${one.integrity}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
