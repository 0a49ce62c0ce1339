import path from 'node:path';
import { execa } from 'execa';
import { checkout } from './manifests';

/**
 * Runs the compiler. If it fails, its output may be incomplete.
 * @param areChecked whether the types were already checked, which takes most of the time
 * @throws error with the compiler's messages
 */
export async function compile(project: string, outDir: string, areChecked: boolean): Promise<void> {
  const args = ['-p', project, '--outDir', outDir, ...(areChecked ? ['--noCheck'] : [])];
  const tsc = path.join(checkout, 'node_modules', '.bin', 'tsc');
  const { exitCode, stdout } = await execa(tsc, args, { cwd: checkout, reject: false });
  if (exitCode !== 0) throw new Error(`${project} does not compile, so nothing was replaced:\n${stdout}`);
}
