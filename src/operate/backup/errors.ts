import { codeOf, messageOf } from '../../server';

/**
 * What callers tell apart, by `code`:
 * - DAMAGED: a file is no whole backup; nothing was touched
 * - USAGE: the command line or the environment is wrong
 * - LOCKED: another backup runs in the folder
 */
export function backupError(
  code: 'DAMAGED' | 'FAILED' | 'LOCKED' | 'USAGE',
  message: string,
  cause?: unknown,
): Error & { code: string } {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code });
}

/** What the system says of a file, in words that help. */
export function explainFileError(error: unknown, what: string): unknown {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return backupError(
        'FAILED',
        `Cannot ${what}: the disk is full. Make room, or choose another folder with --out.`,
        error,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return backupError(
        'FAILED',
        `Cannot ${what}: this user may not write there. Choose another folder with --out.`,
        error,
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return backupError(
        'FAILED',
        `Cannot ${what}: a file stands where a folder should be (${messageOf(error)}).`,
        error,
      );
    default:
      return error;
  }
}
