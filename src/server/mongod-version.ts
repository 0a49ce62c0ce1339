import { runChild } from './child';
import { messageOf } from './errors';

/**
 * What `file --version` says: '7.0.28'.
 * @throws Error that says why it is no usable mongod
 */
export async function mongodVersion(file: string): Promise<string> {
  const result = await runChild(file, ['--version'], { timeout: 30_000 }).catch((error: unknown) => {
    throw new Error(`${file} cannot be run: ${messageOf(error)}`, { cause: error });
  });
  const version = /^db version v(\d+\.\d+\.\d+)/m.exec(result.stdout)?.[1];
  if (version !== undefined) return version;
  const said = result.timedOut ?? lastLine(result.stderr) ?? lastLine(result.stdout) ?? `exit ${String(result.code)}`;
  throw new Error(`${file} --version names no version: ${said}`);
}

/** '7.0.28' → '7.0': data files of one such version are never opened by another. */
export function majorMinor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** The last line that is not empty, if any. */
export function lastLine(text: string): string | undefined {
  return text.trimEnd().split(/\r?\n/).at(-1)?.trim() || undefined;
}
