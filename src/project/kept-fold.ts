import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { deepFreeze, diff, type Schema } from '../schema';
import { readKept, writeKept } from '../support/kept-file';
import { packageRoot } from '../support/package-root';
import { checksumOfText } from './checksums';
import type { Project } from './project';

/** The result of migrations, as it is kept for commands that do not load them. */
export interface KeptFold {
  /** The schema that the migrations create. */
  readonly schema: Schema;
  /** Whether one of the migrations is plain, so that it may have created more than the schema shows. */
  readonly isOfPlain: boolean;
}

/** The version of the file format. The version changes whenever the meaning of the files changes. */
const format = 1;

/**
 * Keeps the schema that applied migrations create, in a folder of the user, so that the next command need not load the migrations. The kept
 * schema is only a cache: it is used if it comes from the same migrations and the same program, and if its file is intact. In any other
 * case the caller loads the migrations.
 * @param folder the folder that contains one file for each folder of migrations
 */
export class FoldKeeper {
  constructor(private readonly folder: string) {}

  /**
   * Returns the kept result of migrations that were applied in this order. Undefined if a migration of the project is not applied, or is
   * not frozen with its current text: in these cases, loading the migrations could find something new.
   */
  read(project: Project, applied: readonly string[]): KeptFold | undefined {
    const key = keyOf(project, applied);
    if (key === undefined) return undefined;
    return readKept(this.#fileOf(project), (content) => {
      const { of, schema, isOfPlain } = JSON.parse(content.toString()) as KeptFold & { readonly of: string };
      return of === key ? { schema: deepFreeze(schema), isOfPlain } : undefined;
    });
  }

  /** Keeps the result of loaded migrations, if `read` may use it. If writing fails, the next command loads the migrations again. */
  keep(project: Project, applied: readonly string[], { schema, isOfPlain }: KeptFold): void {
    const of = keyOf(project, applied);
    if (of === undefined) return;
    const text = JSON.stringify({ of, schema, isOfPlain });
    // A schema with values that JSON cannot represent is not kept: it would change the result of a comparison.
    if (diff(schema, (JSON.parse(text) as KeptFold).schema).length > 0) return;
    writeKept(this.#fileOf(project), text);
  }

  #fileOf({ folder }: Project): string {
    return path.join(this.folder, `${sha256(path.resolve(folder))}.json`);
  }
}

/** Returns a hash of everything that the fold depends on; undefined if the migrations have to be loaded. */
function keyOf({ texts, files, frozen, changelog }: Project, applied: readonly string[]): string | undefined {
  // A migration that is not applied must be loaded too, since it may be refused.
  if (applied.length !== texts.length) return undefined;
  const byName = new Map(texts.map((text, at) => [text.name, { ...text, file: files[at] ?? '' }]));
  const known = frozen();
  const parts = applied.map((name) => {
    const [text, entry] = [byName.get(name), Object.hasOwn(known, name) ? known[name] : undefined];
    if (text === undefined || entry === undefined || entry.text !== text.checksum) return undefined;
    // The checksum of compiled code is the checksum of its source, so a hash of the code itself is added.
    return [name, entry.text, entry.changes, ...(text.file.endsWith('.js') ? [checksumOfText(text.file)] : [])];
  });
  if (parts.includes(undefined)) return undefined;
  return sha256(JSON.stringify([format, programNow(), changelog, parts]));
}

/** Returns what identifies this program: another version, or another build, may compute a different schema. */
function programNow(): readonly unknown[] {
  const { version } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    version: unknown;
  };
  return [version, __filename, statSync(__filename).mtimeMs];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
