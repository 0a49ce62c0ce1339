import { mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { ConnectionString } from 'mongodb-connection-string-url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isHeld, takeLease } from '../../src/history';
import { verifyBackup, type BackupReport } from '../../src/backup';
import { checkArchive } from '../../src/backup/archive-reader';
import { differentSchema } from '../../src/backup/load';
import { readSchema } from '../../src/database';
import { useDatabase, withDatabase } from '../support/database';
import { runSchema } from '../support/schema-command';
import { mistakesOfServer, ofAnother, testMistakes } from './arguments';
import { backupOf, contentOf, fill, hashOf, restoreInto, script, targetOf, temporaryFolder } from './support';

const source = useDatabase();
let taken: BackupReport;
beforeAll(async () => {
  await fill(source.db);
  const folder = await mkdtemp(path.join(tmpdir(), 'backups-'));
  taken = await backupOf(source.name, folder);
  return () => rm(folder, { recursive: true, force: true });
});

describe('A backup', () => {
  it('restores to the same documents, types, options, validators, indexes and views, also invalid and expired documents', async () => {
    const { file, ...report } = taken;
    const folder = path.dirname(file);
    expect(report).toMatchObject({ collections: 7, verified: false, removed: [] });
    expect(path.basename(file)).toMatch(new RegExp(`^${source.name}_\\d{8}_\\d{6}\\.tar\\.gz$`));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await contentOf(folder, source.name)).toEqual({ backups: [path.basename(file)], partials: [], others: [] });
    await withDatabase(async (target) => {
      const restored = await restoreInto(target.name, file);
      expect(restored).toMatchObject({ replaced: [], removed: [], events: { added: 0, leftOut: 0 } });
      expect(await hashOf(target.db)).toEqual(await hashOf(source.db));
      // Another server gives other UUIDs.
      const { uuids: _there, ...restoredSchema } = await readSchema(target.db);
      const { uuids: _here, ...backedUp } = await readSchema(source.db);
      expect(restoredSchema).toEqual(backedUp);
      expect(await target.db.collection('recent').countDocuments()).toBe(
        await source.db.collection('recent').countDocuments(),
      );
    });
  });

  it('is a tar of plain files that the tools alone can restore, with a manifest that people can read', async () => {
    const { file, sha256, bytes } = taken;
    const { manifest } = await checkArchive(file);
    expect(manifest.collections.map(({ name }) => name)).toEqual([
      'empty',
      'german',
      'recent',
      'results',
      'ring',
      'tokens',
      'typed',
    ]);
    expect(manifest.schema['results']?.indexes?.['number_1']).toMatchObject({ unique: true });
    expect(manifest.schema['recent']?.view).toMatchObject({ viewOn: 'results', collation: { locale: 'de' } });
    expect(manifest.others).toEqual({ recent: 'view' });
    expect({ bytes, isHex: /^[0-9a-f]{64}$/.test(sha256) }).toEqual({ bytes: (await stat(file)).size, isHex: true });
    const { exitCode, stdout } = await execa('tar', ['-tzf', file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'dump/000000.gz\nmanifest.json' });
  });

  it('of a database that is not there, or is empty, fails and leaves nothing', async () => {
    const folder = await temporaryFolder();
    await expect(backupOf('nobody_has_this', folder)).rejects.toMatchObject({
      code: 'BACKUP',
      summary: 'Cannot back up "nobody_has_this"',
      why: ['there is no such database on this server, or it has no collections'],
    });
    expect(await contentOf(folder, 'nobody_has_this')).toEqual({ backups: [], partials: [], others: [] });
  });
});

describe('A view in a backup', () => {
  it('is compared in full, and by its kind alone where an earlier version took the backup', async () => {
    const { file } = taken;
    const { manifest } = await checkArchive(file);
    const { recent: _view, ...schema } = manifest.schema;
    const earlier = { ...manifest, schema };
    await withDatabase(async ({ db, name }) => {
      const expectDifferent = async (now: readonly string[], before: readonly string[]) => {
        expect(await differentSchema(db, manifest)).toEqual(now);
        expect(await differentSchema(db, earlier)).toEqual(before);
      };
      await restoreInto(name, file);
      await expectDifferent([], []);
      await db.command({ collMod: 'recent', viewOn: 'results', pipeline: [] });
      await expectDifferent(['view recent'], []);
      await db.collection('recent').drop();
      await expectDifferent(['view recent', 'recent: view'], ['recent: view']);
      await restoreInto(name, file, { drop: true });
      await expectDifferent([], []);
    });
  });
});

describe('The scripts', () => {
  it('back up, verify and restore, with sizes on stdout and progress on stderr', async () => {
    const folder = await temporaryFolder();
    const uri = new ConnectionString(source.url);
    uri.pathname = `/${source.name}`;
    // What is said of another server counts for nothing.
    const env = { ...ofAnother, MONGODB_VERIFY_URL: source.url };
    const args = ['--uri', uri.toString(), '--out', folder, '--verify', '--json'];
    const taken = await script('backup_db.sh', args, { env });
    expect(taken.exitCode, taken.stderr).toBe(0);
    const report = JSON.parse(taken.stdout) as { file: string; verified: boolean; server: { database: string } };
    expect(report).toMatchObject({ verified: true, server: { database: source.name } });
    expect(taken.stderr).toMatch(/restoring the backup as a test/);
    const note = JSON.parse(await readFile(`${report.file}.verified.json`, 'utf8')) as object;
    expect(note).toMatchObject({ bytes: (await stat(report.file)).size });

    const verified = await script('verify_backup.sh', [report.file, `--uri=${source.url}`]);
    expect(verified).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(' restores: 7 collections, ') as string,
    });
    await withDatabase(async (target) => {
      const [host = '', port = ''] = (new URL(target.url.replace('mongodb:', 'http:')).host.split(',')[0] ?? '').split(
        ':',
      );
      const args = [report.file, '--host', host, `--port=${port}`, '--database', target.name];
      const restored = await script('restore_db.sh', args, { env: { MONGODB_URL: 'mongodb://192.0.2.1' } });
      expect(restored.exitCode, restored.stderr).toBe(0);
      expect(restored.stdout).toMatch(
        /^Restored 7 collections, \d+ documents, in .*\nThe backup lacks \d+ migrations that the code has: npm run schema -- deploy$/,
      );
      expect(await hashOf(target.db)).toEqual(await hashOf(source.db));
    });
  });

  it('replace nothing on a server that nobody named', async () => {
    const refused = await runSchema({ folder: 'none' }, ['restore', 'x.tar.gz', '--local', '--drop', '--yes']);
    const message = expect.stringContaining('set MONGODB_URL, or give the script --uri or --host') as string;
    expect(refused).toMatchObject({ exitCode: 64, stderr: message });
  });

  it('say what to install where there is no node', async () => {
    const bare = await temporaryFolder();
    for (const name of ['bash', 'basename', 'dirname']) await symlink(`/usr/bin/${name}`, path.join(bare, name));
    const { exitCode, stderr } = await script('backup_db.sh', [], { env: { PATH: bare } });
    const message = expect.stringMatching(/Node\.js 20\.19 or newer.*\n.*install it/) as string;
    expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: message });
  });
});

testMistakes(mistakesOfServer);

describe('A verification', () => {
  it('leaves no scratch database, and drops one that a killed run left, but none that is in use', async () => {
    const { file } = taken;
    const admin = source.client.db('admin').admin();
    const left = source.client.db('verify_20260101000000_0123abcd');
    await left.collection('results').insertOne({});
    const scratch = async () =>
      (await admin.listDatabases({ nameOnly: true })).databases
        .map(({ name }) => name)
        .filter((name) => name.startsWith('verify_'));
    const used = source.client.db('verify_20260101000000_4567cdef');
    const lease = await takeLease(used, { purpose: 'a trial', seconds: 30, timeout: 0 });
    onTestFinished(async () => {
      await lease.release();
      await used.dropDatabase();
    });
    const { url } = targetOf(source.name);
    expect(await verifyBackup({ file, url })).toMatchObject({ collections: 7, database: source.name });
    expect(await scratch()).toContain(used.databaseName);
    // Others may be at work on this server: theirs are held until they are dropped.
    const free = async () => {
      const names = await scratch();
      const held = await Promise.all(names.map((name) => isHeld(source.client.db(name))));
      return names.filter((_, at) => !held[at]);
    };
    await expect.poll(free).toEqual([]);
  });
});
