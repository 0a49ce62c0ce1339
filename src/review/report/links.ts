import { code } from '../explain';

/** How the report names the file of a migration: as a link when an address is known. */
export interface Links {
  readonly toFile: (migration: string) => string;
  /** @param text markdown. */
  readonly toLine: (migration: string, line: number, text: string) => string;
}

/** @param base the web address of the folder of migrations, without a `/` at its end. */
export function linksFrom(base: string | undefined): Links {
  const address = (migration: string) => `${base ?? ''}/${encodeURIComponent(migration)}`;
  return base === undefined
    ? { toFile: (migration) => code(migration), toLine: (_migration, _line, text) => text }
    : {
        toFile: (migration) => `[${code(migration)}](${address(migration)})`,
        toLine: (migration, line, text) => `[${text}](${address(migration)}#L${line})`,
      };
}
