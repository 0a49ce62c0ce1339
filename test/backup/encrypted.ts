import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkArchive } from '../../src/backup/archive-reader';
import { withDatabase, type TestDatabase } from '../support/database';
import { backupOf, contentOf, hashOf, restoreInto, temporaryFolder } from './support';

interface Extent {
  /** Whether copies of what is replaced are taken as well, encrypted and not. */
  readonly safetyCopies: boolean;
}

/** To be called in a file. */
export function testEncrypted(source: TestDatabase, { safetyCopies }: Extent): void {
  describe('An encrypted backup', () => {
    it('can be read by its recipient alone, restores, and is verified where the secret key is', async () => {
      const home = await temporaryFolder('gpg-');
      await chmod(home, 0o700);
      const earlier = process.env['GNUPGHOME'];
      process.env['GNUPGHOME'] = home;
      onTestFinished(async () => {
        await execa('gpgconf', ['--kill', 'all'], { reject: false });
        if (earlier === undefined) delete process.env['GNUPGHOME'];
        else process.env['GNUPGHOME'] = earlier;
      });
      const key = ['--quick-generate-key', 'ops@example.com', 'default', 'default', 'never'];
      await execa('gpg', ['--batch', '--passphrase', '', ...key]);
      const folder = await temporaryFolder();
      const { file, verified } = await backupOf(source.name, folder, {
        encryptTo: 'ops@example.com',
        verify: { url: source.url },
      });
      expect({ isNamedSo: file.endsWith('.tar.gz.gpg'), verified }).toEqual({ isNamedSo: true, verified: true });
      expect((await execa('gunzip', ['-t', file], { reject: false })).exitCode).not.toBe(0);
      await withDatabase(async (target) => {
        await restoreInto(target.name, file);
        expect(await hashOf(target.db)).toEqual(await hashOf(source.db));
        if (!safetyCopies) return;
        // What it replaces is encrypted as well, unless somebody says that it need not be.
        const refused = restoreInto(target.name, file, { drop: true, safetyCopy: true });
        await expect(refused).rejects.toMatchObject({
          code: 'USAGE',
          fix: expect.stringContaining('--plain-safety-copy') as string,
        });
        const { safety } = await restoreInto(target.name, file, {
          drop: true,
          safetyCopy: true,
          encryptTo: 'ops@example.com',
        });
        expect(safety).toMatch(/\.before-restore\.tar\.gz\.gpg$/);
        const plain = await restoreInto(target.name, file, { drop: true, safetyCopy: true, plainSafetyCopy: true });
        expect(plain.safety).toMatch(/\.before-restore\.tar\.gz$/);
      });
      await expect(backupOf(source.name, folder, { encryptTo: 'nobody@example.com' })).rejects.toThrow(
        /^gpg cannot encrypt[^]*nobody@example\.com/,
      );
      const cut = path.join(folder, 'cut.tar.gz.gpg');
      await execa('bash', ['-c', 'head -c 20000 "$0" >"$1"', file, cut]);
      await expect(checkArchive(cut)).rejects.toMatchObject({ code: 'DAMAGED' });
      process.env['GNUPGHOME'] = await temporaryFolder('gpg-');
      await expect(checkArchive(file)).rejects.toMatchObject({
        code: 'DAMAGED',
        why: [expect.stringContaining('gpg cannot decrypt the backup')],
        fix: expect.stringContaining('gpg --list-secret-keys') as string,
      });
      expect((await contentOf(folder, source.name)).partials).toEqual([]);
    });
  });
}
