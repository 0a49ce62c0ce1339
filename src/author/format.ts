import { createRequire } from 'node:module';
import type * as Prettier from 'prettier';

/**
 * Formats source code with the prettier settings of the file's project, or else with the tool's own settings. Returns the code unchanged
 * when prettier is not installed.
 */
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
