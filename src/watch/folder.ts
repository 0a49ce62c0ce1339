import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, watch } from 'node:fs';
import path from 'node:path';
import { isMigrationFile } from '../project';
import { reasonOf, SchemaError } from '../support/schema-error';
import { codeOf } from '../support/system-error';

/** The sha256 (hex) of each migration in a folder, by name. */
export type Texts = ReadonlyMap<string, string>;

/** @throws error with code `USAGE` when the folder does not exist */
export function readTexts(folder: string): Texts {
  const texts = new Map<string, string>();
  for (const name of namesIn(folder).filter(isMigrationFile).sort()) {
    try {
      const text = readFileSync(path.join(folder, name));
      texts.set(name, createHash('sha256').update(text).digest('hex'));
    } catch (error) {
      // The file may have disappeared since the folder was read: editors save by renaming.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
  return texts;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new SchemaError('USAGE', `The folder ${folder} cannot be read`, { why: reasonOf(error), cause: error });
  }
}

/** Returns the differences between two readings of a folder, with the names in order. */
export function changesBetween(before: Texts, now: Texts): { readonly saved: string[]; readonly gone: string[] } {
  return {
    saved: [...now].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name),
    gone: [...before.keys()].filter((name) => !now.has(name)),
  };
}

/** How long to wait after the last event, in milliseconds. Editors save a file in several steps, and may save several files together. */
const settlesAfter = 40;

/** Reports that something was written in a folder, but not what: events may be repeated or late, so the caller has to read the folder. */
export class FolderSigns {
  readonly #watcher;
  #timer: NodeJS.Timeout | undefined;
  #firstAt: number | undefined;
  #isSettled = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(folder: string) {
    this.#watcher = watch(folder, () => {
      this.#firstAt ??= performance.now();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#isSettled = true;
        this.#wake();
      }, settlesAfter);
    });
    this.#watcher.on('error', (error: Error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /**
   * Waits until something is written after the last call. Returns when the writing began, by `performance.now()`; undefined after an abort.
   */
  async next(signal: AbortSignal): Promise<number | undefined> {
    while (!this.#isSettled && !signal.aborted && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener('abort', wake);
      });
    }
    if (signal.aborted) return undefined;
    if (this.#failure) throw this.#failure;
    const at = this.#firstAt;
    this.#isSettled = false;
    this.#firstAt = undefined;
    return at ?? performance.now();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watcher.close();
  }
}
