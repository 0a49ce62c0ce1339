import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { SchemaError } from '../support/schema-error';

/** A gpg process between two streams. `ended` rejects with gpg's message. */
export interface Gpg {
  readonly stream: Duplex;
  readonly ended: Promise<void>;
}

/** Encrypts for a recipient whose public key is in this user's key ring. */
export function encryptFor(recipient: string): Gpg {
  return gpg(
    ['--trust-model', 'always', '--compress-algo', 'none', '--encrypt', `--recipient=${recipient}`],
    'encrypt',
  );
}

/** Decrypts with a secret key from this user's key ring. */
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
      const why = `gpg cannot be started: ${error.message}`;
      reject(new SchemaError('USAGE', `Cannot ${what} a backup`, { why, fix: 'install GnuPG', cause: error }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(failureOf(what, said, code ?? signal));
    });
  });
  ended.catch(() => undefined);
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
  stream.on('close', () => child.kill());
  return { stream, ended };
}

function failureOf(what: 'encrypt' | 'decrypt', said: string, how: number | string | null): SchemaError {
  const isEncrypt = what === 'encrypt';
  return new SchemaError(isEncrypt ? 'BACKUP' : 'DAMAGED', `gpg cannot ${what} the backup`, {
    why: [
      `gpg ended with ${typeof how === 'number' ? `exit code ${how}` : String(how)}`,
      ...said.trim().split('\n').slice(-3),
    ],
    fix: isEncrypt
      ? 'name a key that `gpg --list-keys` shows'
      : 'use a machine whose `gpg --list-secret-keys` shows the key',
  });
}
