import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { checkArchive } from '../../src/backup/archive-reader';
import type { TestDatabase } from '../support/database';
import { backupOf, contentOf, hashOf, restoreInto, script, temporaryFolder } from './support';

interface OddNames {
  /** Of folders and files. */
  readonly folders: readonly string[];
  readonly databases: readonly string[];
  /** Whether the scripts take them as well. */
  readonly scripts?: boolean;
}

/** To be called in a file. */
export function testNames(source: TestDatabase, { folders, databases, scripts = false }: OddNames): void {
  describe('Names', () => {
    it('of folders and files with spaces, quotes, line ends and leading dashes are names like any other', async () => {
      for (const odd of folders) {
        const parent = await temporaryFolder();
        const folder = path.join(parent, odd);
        const { file } = await backupOf(source.name, folder);
        const renamed = path.join(folder, `${odd}.tar.gz`);
        await execa('mv', ['--', file, renamed]);
        expect((await checkArchive(renamed)).manifest.database).toBe(source.name);
      }
      if (!scripts) return;
      const folder = await temporaryFolder();
      const odd = ['--out=-a b\n"c"', '--database', source.name];
      const taken = await script('backup_db.sh', odd, { cwd: folder });
      expect(taken.exitCode, taken.stderr).toBe(0);
      const [name = ''] = (await contentOf(path.join(folder, '-a b\n"c"'), source.name)).backups;
      await execa('mv', [path.join(folder, '-a b\n"c"', name), path.join(folder, '-x y.tar.gz')]);
      const verified = await script('verify_backup.sh', ['--uri', source.url, '--', '-x y.tar.gz'], { cwd: folder });
      expect(verified.exitCode, verified.stderr).toBe(0);
    });

    it('of databases too', async () => {
      for (const odd of databases) {
        const name = `${odd}_${source.name.slice(-6)}`;
        const db = source.client.db(name);
        try {
          await db.collection(`-odd "name" 'q' é`).insertMany([{ a: 1 }, { a: 2 }]);
          const folder = await temporaryFolder();
          const { file } = await backupOf(name, folder, { retention: 1 });
          expect(path.basename(file)).toMatch(/^[\w%][\w%-]*_\d{8}_\d{6}\.tar\.gz$/);
          const before = await hashOf(db);
          await db.dropDatabase();
          await restoreInto(name, file);
          expect(await hashOf(db)).toEqual(before);
        } finally {
          await db.dropDatabase();
        }
      }
    });
  });
}
