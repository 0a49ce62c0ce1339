import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { Timestamp } from 'mongodb';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verifyBackup, type BackupEvent } from '../../../src/operate/backup';
import { checkArchive } from '../../../src/operate/backup/archive-reader';
import { withFolderLock } from '../../../src/operate/backup/lock';
import { archiveName, verifiedName } from '../../../src/operate/backup/names';
import { prune, writeVerified } from '../../../src/operate/backup/retention';
import { runsInCI } from '../../../src/server';
import { useDatabase, withDatabase } from '../../support/database';
import { startProxy } from '../../support/proxy';
import {
  backupOf,
  contentOf,
  fill,
  fillResults,
  hashOf,
  restoreInto,
  script,
  scripts,
  temporaryFolder,
} from './support';

const source = useDatabase();
beforeAll(() => fill(source.db, 3_000));

describe('Two backups at once', () => {
  it('in one folder: the second ends 3, names the first, and leaves no trace; in two folders both succeed', async () => {
    const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await withFolderLock(folder, async () => {
      const refused = await script('backup_db.sh', ['--out', folder], { env: { MONGODB_DATABASE: source.name } });
      expect(refused).toMatchObject({
        exitCode: 3,
        stderr: expect.stringContaining(`process ${process.pid} on `) as string,
      });
      expect(await readdir(folder)).toEqual(['.backup.lock']);
      await backupOf(source.name, elsewhere);
    });
    const results = await Promise.allSettled([backupOf(source.name, folder), backupOf(source.name, folder)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await contentOf(folder, source.name)).toMatchObject({ partials: [], others: [] });
  });

  it('many that find the lock of a dead process: one gets it', async () => {
    const folder = await temporaryFolder();
    const dead = { id: 'dead', host: (await execa('hostname')).stdout, pid: 2 ** 22 - 1 };
    let [inside, most, done] = [0, 0, 0];
    for (let round = 0; round < 10; round++) {
      await writeFile(path.join(folder, '.backup.lock'), JSON.stringify(dead));
      const work = async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 20));
        inside -= 1;
        done += 1;
      };
      await Promise.allSettled(Array.from({ length: 8 }, () => withFolderLock(folder, work)));
    }
    expect({ most, isDone: done >= 10, left: await readdir(folder) }).toEqual({ most: 1, isDone: true, left: [] });
  });

  it('on other machines: a holder that was heard of is respected', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, '.backup.lock'), JSON.stringify({ id: 'x', host: 'another-machine', pid: 1 }));
    await expect(backupOf(source.name, folder)).rejects.toMatchObject({ code: 'LOCKED' });
    await execa('touch', ['-d', '2 minutes ago', path.join(folder, '.backup.lock')]);
    await backupOf(source.name, folder);
  });
});

describe('Retention', () => {
  it('removes only old backups of this database by their names, never the newest or the newest verified one', async () => {
    const folder = await temporaryFolder();
    const now = Date.now();
    const day = (ago: number) => new Date(now - ago * 86_400_000);
    const name = (ago: number, options = {}) => archiveName('shop', day(ago), options);
    const others = [
      archiveName('shop_2', day(90)),
      archiveName('sho', day(90)),
      name(90, { suffix: '.before-restore' }),
      `${name(91)}.old`,
      `copy of ${name(91)}`,
      name(91).toUpperCase(),
      'shop_20269999_999999.tar.gz',
      'shop.tar.gz',
    ];
    const own = [name(50), name(40), name(30, { encrypted: true }), name(20), name(3)];
    for (const file of [...others, ...own]) await writeFile(path.join(folder, file), 'content');
    await mkdir(path.join(folder, name(60)));
    const note = { sha256: '', bytes: 7, verified_at: '', server: '' };
    await writeVerified(path.join(folder, verifiedName(name(40))), note);
    await writeVerified(path.join(folder, verifiedName(name(50))), note);
    // A note that does not fit its file proves nothing.
    await writeVerified(path.join(folder, verifiedName(name(20))), { ...note, bytes: 8 });
    const problems: string[] = [];
    const removed = await prune(folder, 'shop', 7, (problem) => problems.push(problem));
    expect(removed.sort()).toEqual([name(50), name(30, { encrypted: true }), name(20)].sort());
    const left = [...others, name(60), name(40), `${name(40)}.verified.json`, name(3)];
    expect((await readdir(folder)).sort()).toEqual(left.sort());
    expect(await prune(folder, 'shop', 1, (problem) => problems.push(problem))).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('that cannot remove something says so, removes the rest, and fails no backup', async () => {
    const folder = await temporaryFolder();
    const old = ['2020-01-01', '2020-01-02'].map((date) => archiveName(source.name, new Date(date)));
    for (const name of old) await writeFile(path.join(folder, name), 'old');
    // No file, so it is not removed like one.
    await mkdir(path.join(folder, verifiedName(old[1] ?? '')));
    const events: BackupEvent[] = [];
    const onEvent = (event: BackupEvent) => events.push(event);
    const { file, removed } = await backupOf(source.name, folder, { retention: 1, onEvent });
    expect([...removed].sort()).toEqual(old);
    expect(await readdir(folder)).toContain(path.basename(file));
    const message = expect.stringContaining('an old backup cannot be removed') as string;
    expect(events).toContainEqual({ type: 'warning', message });
  });
});

describe('A full disk', () => {
  it('fails the backup, says so, leaves nothing, and removes no older one', async ({ skip }) => {
    const folder = await temporaryFolder();
    const mounted = await asRoot('mount', '-t', 'tmpfs', '-o', 'size=64k,mode=777', 'tmpfs', folder);
    if (mounted.failed && !runsInCI(process.env)) skip(`only root can mount a small disk: ${mounted.stderr}`);
    expect(mounted.failed, mounted.stderr).toBe(false);
    onTestFinished(async () => {
      await asRoot('umount', folder);
    });
    const old = archiveName(source.name, new Date('2020-01-01'));
    await writeFile(path.join(folder, old), 'old');
    const { exitCode, stderr } = await script('backup_db.sh', ['--out', '.', '--database', source.name], {
      cwd: folder,
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining('Cannot write a backup into .: the disk is full.') as string,
    });
    expect(await readdir(folder)).toEqual([old]);
  });
});

function asRoot(...command: [string, ...string[]]) {
  const [file, ...args] = process.getuid?.() === 0 ? command : (['sudo', '-n', ...command] as const);
  return execa(file, args, { reject: false });
}

describe('Names', () => {
  it('of folders and files with spaces, quotes, line ends and leading dashes are names like any other', async () => {
    for (const odd of ['-rf', 'with space', `it's "quoted" $HOME`, 'two\nlines', '--out']) {
      const parent = await temporaryFolder();
      const folder = path.join(parent, odd);
      const { file } = await backupOf(source.name, folder);
      const renamed = path.join(folder, `${odd}.tar.gz`);
      await execa('mv', ['--', file, renamed]);
      expect((await checkArchive(renamed)).manifest.database).toBe(source.name);
    }
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
    for (const odd of [`-it's`, 'a,b;c&d', 'ümläut', '(x)~%41', '--drop']) {
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

describe('A server that goes away', () => {
  it('half-way fails the backup, and leaves nothing', async () => {
    const folder = await temporaryFolder();
    let seen = 0;
    const proxy = await startProxy(source.url, ({ name, body }) => {
      const isDump = name === 'getMore' || (name === 'find' && body['find'] === 'results');
      return isDump && ++seen > 1 ? { cut: 'reply' } : undefined;
    });
    onTestFinished(() => proxy.close());
    const refused = backupOf(source.name, folder, { url: proxy.url });
    await expect(refused).rejects.toThrow(/^mongodump failed \(exit code \d\): (Failed|panic)/);
    expect(seen).toBeGreaterThan(1);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('SIGTERM', () => {
  it('ends a backup with 1, without a trace', async () => {
    const folder = await temporaryFolder();
    const running = script('backup_db.sh', ['--out', folder, '--database', source.name]);
    await expect
      .poll(() => readdir(folder), { timeout: 20_000, interval: 5 })
      .toContainEqual(expect.stringMatching(/\.partial$/));
    running.kill('SIGTERM');
    expect(await running).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('was stopped') as string });
    expect(await readdir(folder)).toEqual([]);
  });
});

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
      // What it replaces is encrypted as well, unless somebody says that it need not be.
      const refused = restoreInto(target.name, file, { drop: true });
      await expect(refused).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('--plain-safety-copy') as string,
      });
      const { safety } = await restoreInto(target.name, file, { drop: true, encryptTo: 'ops@example.com' });
      expect(safety).toMatch(/\.before-restore\.tar\.gz\.gpg$/);
      const plain = await restoreInto(target.name, file, { drop: true, plainSafetyCopy: true });
      expect(plain.safety).toMatch(/\.before-restore\.tar\.gz$/);
    });
    await expect(backupOf(source.name, folder, { encryptTo: 'nobody@example.com' })).rejects.toThrow(
      /gpg cannot encrypt.*nobody@example\.com/,
    );
    const cut = path.join(folder, 'cut.tar.gz.gpg');
    await execa('bash', ['-c', 'head -c 20000 "$0" >"$1"', file, cut]);
    await expect(checkArchive(cut)).rejects.toMatchObject({ code: 'DAMAGED' });
    process.env['GNUPGHOME'] = await temporaryFolder('gpg-');
    await expect(checkArchive(file)).rejects.toThrow(/gpg cannot decrypt it/);
    expect((await contentOf(folder, source.name)).partials).toEqual([]);
  });
});

describe('Without mongodump on PATH', () => {
  it("uses that of the database's container; the connection string goes through its input", async () => {
    const folder = await temporaryFolder();
    const bin = path.join(folder, 'bin');
    await mkdir(bin);
    const tools = (await execa(path.join(scripts, 'install_tools.sh'), ['--check'])).stdout;
    // As the engine does it: the tools are found only inside.
    const docker = [
      '#!/bin/bash',
      `printf '%s\\n' "$*" >>'${folder}/calls'`,
      '[ "$1" != inspect ] || { echo true; exit; }',
      '[ "$1 $2 $3" = "exec -i sentimatrix-mongodb" ] || exit 9',
      `shift 3; PATH='${tools}':$PATH exec "$@"`,
    ];
    await writeFile(path.join(bin, 'docker'), docker.join('\n'), { mode: 0o755 });
    const env = {
      PATH: `${bin}:${path.dirname(process.execPath)}:/usr/bin:/bin`,
      SENTIMATRIX_CACHE: path.join(folder, 'none'),
    };
    const taken = await script('backup_db.sh', ['--out', folder, '--json'], {
      env: { ...env, MONGODB_DATABASE: source.name },
    });
    expect(taken.exitCode, taken.stderr).toBe(0);
    const { file } = JSON.parse(taken.stdout) as { file: string };
    const calls = (await execa('cat', [path.join(folder, 'calls')])).stdout;
    expect(calls).toContain('mongodump --archive');
    expect(calls).not.toContain('mongodb://');
    await withDatabase(async (target) => {
      const restored = await script('restore_db.sh', [file, '--database', target.name], { env });
      expect(restored.exitCode, restored.stderr).toBe(0);
      expect(await hashOf(target.db)).toEqual(await hashOf(source.db));
    });
    // Another server, or one that is started for a trial, is not the container's.
    for (const args of [[file], ['--uri', 'mongodb://db.example.com', file]]) {
      const refused = await script('verify_backup.sh', args, { env });
      expect(refused).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('install_tools.sh') as string });
    }
    // No such container runs.
    await writeFile(path.join(bin, 'docker'), '#!/bin/bash\nexit 1\n', { mode: 0o755 });
    const { exitCode, stderr } = await script('backup_db.sh', ['--out', folder], {
      env: { ...env, MONGODB_DATABASE: source.name },
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 64,
      stderr: expect.stringMatching(/Install the MongoDB Database Tools, or run scripts\/install_tools/) as string,
    });
  });
});

describe('A backup whose contents are not what was dumped', () => {
  it('does not pass its trial, which lists what differs', async () => {
    await withDatabase(async ({ db, name, url }) => {
      // The server replaces an empty timestamp in a document that is inserted: what is restored is not what was there.
      await fillResults(db, 10);
      await db
        .collection('results')
        .updateOne({ number: 3 }, [{ $set: { at: { $literal: new Timestamp({ t: 0, i: 0 }) } } }]);
      const folder = await temporaryFolder();
      const { file } = await backupOf(name, folder);
      await expect(verifyBackup({ file, url })).rejects.toThrow(
        /does not restore to what was backed up:\n {2}the documents of results are others/,
      );
      await expect(backupOf(name, folder, { verify: { url } })).rejects.toThrow('does not restore');
      expect(await contentOf(folder, name)).toEqual({ backups: [path.basename(file)], partials: [], others: [] });
    });
  });
});
