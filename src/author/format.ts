import { createRequire } from 'node:module';
import type * as Prettier from 'prettier';

/** Formats source code with the settings of the file's project, else with the tool's own. Returns it unchanged when prettier is not installed. */
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
