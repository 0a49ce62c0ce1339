import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { backupError } from './errors';

/** gpg between two streams. `ended` rejects with what gpg said. */
export interface Gpg {
  readonly stream: Duplex;
  readonly ended: Promise<void>;
}

/** Encrypts for a recipient whose public key this user's key ring holds. */
export function encryptFor(recipient: string): Gpg {
  return gpg(
    ['--trust-model', 'always', '--compress-algo', 'none', '--encrypt', `--recipient=${recipient}`],
    'encrypt',
  );
}

/** Decrypts with a secret key of this user's key ring. */
export function decrypt(): Gpg {
  return gpg(['--decrypt'], 'decrypt');
}

export function isEncrypted(file: string): boolean {
  return /\.gpg(?:\.partial)?$/.test(file);
}

function gpg(args: readonly string[], what: 'encrypt' | 'decrypt'): Gpg {
  const child = spawn('gpg', ['--batch', '--yes', '--quiet', '--no-tty', ...args], { detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4096)));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (error) => {
      reject(
        backupError(
          'USAGE',
          `gpg is needed to ${what} backups, and cannot be started (${error.message}): install GnuPG.`,
          error,
        ),
      );
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(backupError(what === 'encrypt' ? 'FAILED' : 'DAMAGED', failure(what, said, code ?? signal)));
    });
  });
  ended.catch(() => undefined);
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
  stream.on('close', () => child.kill());
  return { stream, ended };
}

function failure(what: string, said: string, how: number | string | null): string {
  const lines = said.trim().split('\n').slice(-3).join('; ');
  const wayOut = what === 'encrypt' ? 'see `gpg --list-keys`' : 'see `gpg --list-secret-keys`';
  return `gpg cannot ${what} it (${typeof how === 'number' ? `exit code ${how}` : String(how)}): ${lines}; ${wayOut}`;
}
