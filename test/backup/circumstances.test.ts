import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Timestamp } from 'mongodb';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verifyBackup, type BackupEvent } from '../../src/backup';
import { archiveName, verifiedName, withFolderLock } from '../../src/backup/folder';
import { prune, writeVerified } from '../../src/backup/retention';
import { runsInCI } from '../../src/support/process-env';
import { processSpace } from '../../src/support/processes';
import { useDatabase, withDatabase } from '../support/database';
import { startProxy } from '../support/proxy';
import { testContainerHere } from './container-tools';
import { testEncrypted } from './encrypted';
import { testNames } from './odd-names';
import { backupOf, contentOf, fill, fillResults, temporaryFolder } from './support';

const source = useDatabase();
// More than one batch of a dump.
beforeAll(() => fill(source.db, 1_500));

describe('Two backups at once', () => {
  it('in one folder: the second ends, names the first, and leaves no trace; in two folders both succeed', async () => {
    const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await withFolderLock(folder, async () => {
      await expect(backupOf(source.name, folder)).rejects.toMatchObject({
        code: 'LOCKED',
        why: [expect.stringContaining(`process ${process.pid} on `) as string],
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
    const dead = { id: 'dead', host: hostname(), space: processSpace(), pid: 2 ** 22 - 1 };
    let [inside, most, done] = [0, 0, 0];
    for (let round = 0; round < 10; round++) {
      await writeFile(path.join(folder, '.backup.lock'), JSON.stringify(dead));
      const work = async () => {
        most = Math.max(most, ++inside);
        await sleep(20);
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
    await expect(backupOf(source.name, folder)).rejects.toMatchObject({
      code: 'LOCKED',
      why: [expect.stringContaining('process 1 on another-machine')],
    });
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

  it('removes nothing when this clock is far ahead of the newest backup, and says so', async () => {
    const folder = await temporaryFolder();
    const [ahead, newest, older] = [0, 20, 25].map((days) =>
      archiveName('shop', new Date(Date.now() - days * 86_400_000)),
    );
    for (const file of [ahead, newest, older]) await writeFile(path.join(folder, file ?? ''), 'content');
    const problems: string[] = [];
    const removed = await prune(folder, 'shop', 7, (problem) => problems.push(problem), ahead);
    expect({ removed, problems }).toEqual({ removed: [], problems: [expect.stringContaining('20 days')] });
    // Every 20 days is how it goes here.
    const regular = archiveName('shop', new Date(Date.now() - 40 * 86_400_000));
    await writeFile(path.join(folder, regular), 'content');
    await rm(path.join(folder, older ?? ''));
    expect(await prune(folder, 'shop', 7, (problem) => problems.push(problem), ahead)).toEqual([newest, regular]);
    for (const file of [newest, older]) await writeFile(path.join(folder, file ?? ''), 'content');
    // The next backup has one beside it that is as new as it should be.
    expect(await prune(folder, 'shop', 7, (problem) => problems.push(problem))).toEqual([newest, older]);
  });

  it('that cannot remove something says so, removes the rest, and fails no backup', async () => {
    const folder = await temporaryFolder();
    const old = ['2020-01-01', '2020-01-02'].map((date) => archiveName(source.name, new Date(date)));
    for (const name of old) await writeFile(path.join(folder, name), 'old');
    await writeFile(path.join(folder, archiveName(source.name, new Date(Date.now() - 3_600_000))), 'an hour old');
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
    await expect(backupOf(source.name, folder)).rejects.toMatchObject({
      summary: expect.stringMatching(/^Cannot write a backup into /) as string,
      why: ['the disk is full'],
      fix: expect.stringContaining('free some space') as string,
    });
    expect(await readdir(folder)).toEqual([old]);
  });
});

function asRoot(...command: [string, ...string[]]) {
  const [file, ...args] = process.getuid?.() === 0 ? command : (['sudo', '-n', ...command] as const);
  return execa(file, args, { reject: false });
}

testNames(source, { folders: ['two\nlines', '--out'], databases: [`-it's`] });

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
    await expect(refused).rejects.toMatchObject({
      code: 'BACKUP',
      summary: 'mongodump failed',
      why: [expect.stringMatching(/^the program ended with exit code \d$/), expect.stringMatching(/^(Failed|panic)/)],
    });
    expect(seen).toBeGreaterThan(1);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('A server that does not answer any more', () => {
  it('ends the backup after a while, and leaves nothing', async () => {
    const folder = await temporaryFolder();
    const proxy = await startProxy(source.url, ({ name, collection }) =>
      name === 'getMore' && collection === 'results' ? { swallow: 'reply' } : undefined,
    );
    onTestFinished(() => proxy.close());
    const refused = backupOf(source.name, folder, { url: proxy.url, patience: 1_500 });
    await expect(refused).rejects.toMatchObject({
      code: 'BACKUP',
      summary: expect.stringContaining('mongodump was stopped') as string,
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('A backup that is stopped', () => {
  it('ends without a trace', async () => {
    const folder = await temporaryFolder();
    const stop = new AbortController();
    const proxy = await startProxy(source.url, ({ name, collection }): undefined => {
      if (name === 'getMore' && collection === 'results') stop.abort();
    });
    onTestFinished(() => proxy.close());
    const stopped = backupOf(source.name, folder, { url: proxy.url, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(stop.signal.aborted).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });
});

testEncrypted(source, { safetyCopies: false });

testContainerHere(source);

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
      await expect(verifyBackup({ file, url })).rejects.toMatchObject({
        code: 'BACKUP',
        summary: expect.stringMatching(
          /^The data restored from .* differ from the data that were backed up$/,
        ) as string,
        why: ['the documents of results differ'],
      });
      await expect(backupOf(name, folder, { verify: { url } })).rejects.toThrow(
        'differ from the data that were backed up',
      );
      expect(await contentOf(folder, name)).toEqual({ backups: [path.basename(file)], partials: [], others: [] });
    });
  });
});
