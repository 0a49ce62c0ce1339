import path from 'node:path';
import { execa } from 'execa';

/** Prints the peak memory of this process, for `peakMemory`. */
export function printPeak(): void {
  console.log(process.resourceUsage().maxRSS);
}

/** Runs a file of this folder as a process that ends with `printPeak`. Resolves to the peak memory of that process, in MiB. */
export async function peakMemory(file: string, args: readonly string[]): Promise<number> {
  const start = path.join(__dirname, '..', 'scripts', 'quick-start.js');
  const { stdout } = await execa(process.execPath, ['-r', start, file, ...args]);
  const [last] = stdout.split('\n').slice(-1);
  return Math.round(Number(last) / 1024);
}
