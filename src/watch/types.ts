import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as TypeScript from 'typescript';
import { placeOf } from '../support/error-place';
import { reasonOf } from '../support/schema-error';
import type { TypeProblem, TypesReport } from './report';

/** Checks the types of one file after another. Files that have not changed are read only once. */
export class TypeChecker {
  readonly #services = new Map<string, TypeScript.LanguageService>();
  #file = '';

  check(file: string): TypesReport {
    const ts = typeScriptFor(file);
    if (ts === undefined) return { notChecked: 'the package typescript is not installed' };
    try {
      this.#file = file;
      const config =
        ts.findConfigFile(path.dirname(file), (name) => ts.sys.fileExists(name)) ??
        path.join(toolFolder, 'tsconfig.json');
      let service = this.#services.get(config);
      if (service === undefined) this.#services.set(config, (service = this.#serviceFor(ts, config)));
      const found = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
      return { problems: found.map((one) => problemOf(ts, file, one)) };
    } catch (error) {
      return { notChecked: reasonOf(error) };
    }
  }

  #serviceFor(ts: typeof TypeScript, config: string): TypeScript.LanguageService {
    const folder = path.dirname(config);
    const { sys } = ts;
    const read = (name: string) => sys.readFile(name);
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(config, read).config,
      // Finding the files that the tsconfig includes takes a long time, and these files are not needed here.
      { ...sys, readDirectory: () => [] },
      folder,
      undefined,
      config,
    );
    return ts.createLanguageService({
      getScriptFileNames: () => [this.#file],
      getScriptVersion: versionOf,
      getScriptSnapshot: (name) => {
        const text = read(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCompilationSettings: () => options,
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (wanted) => ts.getDefaultLibFilePath(wanted),
      fileExists: (name) => sys.fileExists(name),
      readFile: read,
      directoryExists: (name) => sys.directoryExists(name),
      getDirectories: (name) => sys.getDirectories(name),
      realpath: (name) => sys.realpath?.(name) ?? name,
    });
  }
}

/** The tool's own folder. A project without a tsconfig.json is checked with the tsconfig.json of the tool. */
const toolFolder = path.resolve(__dirname, '..', '..');

/** Returns the project's own TypeScript, else the tool's. Both have TypeScript only as a development dependency, so both may lack it. */
function typeScriptFor(file: string): typeof TypeScript | undefined {
  for (const from of [file, __filename]) {
    try {
      return createRequire(from)('typescript') as typeof TypeScript;
    } catch {
      // Try the next place.
    }
  }
  return undefined;
}

/**
 * Returns a text that differs between two versions of a file. For a migration, it is the contents: two saves may have the same modification
 * time.
 */
function versionOf(file: string): string {
  try {
    if (!file.includes(`${path.sep}node_modules${path.sep}`) && !file.endsWith('.d.ts'))
      return readFileSync(file, 'utf8');
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs} ${size}`;
  } catch {
    return '';
  }
}

function problemOf(ts: typeof TypeScript, file: string, found: TypeScript.Diagnostic): TypeProblem {
  const message = ts.flattenDiagnosticMessageText(found.messageText, '\n');
  const line = found.file && found.start !== undefined ? found.file.getLineAndCharacterOfPosition(found.start).line : 0;
  return {
    file: placeOf(undefined, found.file?.fileName ?? file),
    line: line + 1,
    message: `TS${found.code} ${message}`,
  };
}
