import { createRequire } from 'node:module';
import type * as Prettier from 'prettier';

/** A source in the format of the project that the file is in, or of this one. Where prettier is not installed, it stays as it is. */
export async function formatted(file: string, text: string): Promise<string> {
  const prettier = loadPrettier();
  if (!prettier) return text;
  const settings = (await prettier.resolveConfig(file)) ?? (await prettier.resolveConfig(__filename));
  return prettier.format(text, { ...settings, filepath: file });
}

function loadPrettier(): typeof Prettier | undefined {
  try {
    return createRequire(__filename)('prettier') as typeof Prettier;
  } catch {
    return undefined;
  }
}
