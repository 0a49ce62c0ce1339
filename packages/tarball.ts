import path from 'node:path';
import { execa } from 'execa';
import { checkout } from './manifests';
import type { Staged } from './stage';

/** The output of `npm pack --json` for a tarball. */
export interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly size: number;
  readonly integrity: string;
  readonly entryCount: number;
}

/** Packs a package. npm uses the same time, owner and mode for all files, so equal files give equal bytes. */
export async function pack({ folder }: Staged, to: string): Promise<Packed> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', to];
  const { stdout } = await execa('npm', args, { cwd: folder });
  const [one] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  if (one === undefined) throw new Error(`npm packed nothing in ${folder}`);
  return one;
}

/**
 * Checks every way to import a package with publint and Are The Types Wrong.
 * @returns their findings, or undefined
 */
export async function problemsOf(tarball: string): Promise<string | undefined> {
  const ask = async (name: string, args: readonly string[]) => {
    const file = path.join(checkout, 'node_modules', '.bin', name);
    const { exitCode, all } = await execa(file, args, {
      all: true,
      reject: false,
      env: { NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    return exitCode === 0 ? [] : [`${name}:\n${all}`];
  };
  const found = [...(await ask('publint', ['run', tarball, '--strict'])), ...(await ask('attw', [tarball]))];
  return found.length === 0 ? undefined : found.join('\n');
}
