/** `sentimatrix_studio_20260131_093000.tar.gz`, in UTC; encrypted ones end in `.gpg` besides. */
export function archiveName(database: string, at: Date, { encrypted = false, suffix = '' } = {}): string {
  const [date, time] = at.toISOString().replaceAll(/[-:]/g, '').split('T');
  return `${inFileName(database)}_${date ?? ''}_${(time ?? '').slice(0, 6)}${suffix}.tar.gz${encrypted ? '.gpg' : ''}`;
}

/** When an archive of this database was taken, by its name; undefined for any other file. */
export function takenAt(database: string, name: string): Date | undefined {
  const prefix = `${inFileName(database)}_`;
  if (!name.startsWith(prefix)) return undefined;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)\.tar\.gz(?:\.gpg)?$/.exec(name.slice(prefix.length)) ?? [];
  if (second === undefined) return undefined;
  const at = new Date(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** While an archive is being written. A name that begins with a dot and ends so is nobody's backup. */
export function partialName(name: string): string {
  return `.${name}.partial`;
}

export function isPartial(name: string): boolean {
  return /^\..+_\d{8}_\d{6}(?:\.before-restore)?\.tar\.gz(?:\.gpg)?(?:\.verified\.json)?\.partial$/.test(name);
}

/** Beside an archive, once it has been restored for a trial. */
export function verifiedName(name: string): string {
  return `${name}.verified.json`;
}

/** A database's name as part of a file's: what a shell or a terminal could trip over is written as `%27`. */
function inFileName(database: string): string {
  const encoded = encodeURIComponent(database).replaceAll(/[!'()*~.]/g, percent);
  return encoded.replace(/^-/, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
