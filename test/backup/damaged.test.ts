import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BSON, type Document } from 'mongodb';
import { extract, pack, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/backup/manifest';
import { useDatabase } from '../support/database';
import { backupOf, fill, fillResults, hashOf, restoreInto } from './support';

const source = useDatabase();
const target = useDatabase();
let folder: string;
let whole: Buffer;
let other: Buffer;
let unchanged: Record<string, string>;

beforeAll(async () => {
  await fill(source.db, 500);
  await fillResults(target.db, 10);
  folder = await mkdtemp(path.join(tmpdir(), 'backups-'));
  whole = await readFile((await backupOf(source.name, folder)).file);
  other = await readFile((await backupOf(target.name, folder)).file);
  unchanged = await hashOf(target.db);
});
afterAll(() => rm(folder, { recursive: true }));

interface Member extends Partial<Header> {
  readonly name: string;
  readonly content: Buffer;
}

const wrongSum = { sha256: 'ab'.repeat(32) };
const link = { ...file('dump/000000.gz'), linkname: '/etc/passwd' };

type Damage = (archive: Buffer) => Buffer | Promise<Buffer>;

const cuts = Array.from({ length: 10 }, (_, tenth): [string, Damage, RegExp] => [
  tenth === 0 ? 'cut off before its last byte' : `cut off after ${tenth} tenths`,
  (archive) => archive.subarray(0, tenth === 0 ? archive.length - 1 : Math.floor((archive.length * tenth) / 10)),
  /is truncated/,
]);

const flips = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95].map((at): [string, Damage, RegExp] => [
  `with a flipped bit at ${at * 100} %`,
  (archive) => {
    const copy = Buffer.from(archive);
    const place = Math.floor(copy.length * at);
    copy.writeUInt8(copy.readUInt8(place) ^ 0x10, place);
    return copy;
  },
  /bytes are damaged|is damaged|not a tar archive|is truncated|checksum|cannot be used/,
]);

/** Put together anew, with checksums of the tar and of gzip that fit. */
const forged: [string, Damage, RegExp][] = [
  ['with another checksum in its manifest', altered(({ parts: [part] }) => set(part, wrongSum)), /checksum of dump/],
  [
    'with other documents in its manifest',
    altered(({ collections: [one] }) => set(one, wrongSum)),
    /differ from the documents that the manifest describes/,
  ],
  [
    'with another count in its manifest',
    altered(({ collections }) => set(collections[3], { documents: 501 })),
    /contains 500 documents of "results", but its manifest says 501/,
  ],
  [
    'with a collection too many in its manifest',
    altered(({ collections }) => collections.push({ name: 'more', documents: 0, bytes: 0, ...wrongSum })),
    /its manifest lists "more", but its dump does not contain this collection/,
  ],
  [
    'with a collection too few in its manifest',
    altered(({ collections }) => collections.pop()),
    /its dump contains "typed", but its manifest does not list this collection/,
  ],
  [
    'with another database in its manifest',
    altered((manifest) => set(manifest, { database: 'another' })),
    /its manifest is for "another"/,
  ],
  [
    'of a newer format',
    altered((manifest) => set(manifest, { format: 2 })),
    /its format is 2, but this version of the tool reads only format 1/,
  ],
  [
    'with a token in its manifest that no run can have taken',
    altered((manifest) => set(manifest, { token: Number.MAX_SAFE_INTEGER })),
    /token: is not a valid token/,
  ],
  [
    'with other sizes in its manifest',
    altered(({ collections }) => set(collections[3], { bytes: 1 })),
    /its dump contains \d+ bytes of "results", but its manifest says 1$/m,
  ],
  [
    'with a manifest that is nested too deep',
    altered((manifest) => set(manifest, { schema: { x: nested(2_000) } })),
    /it is nested deeper than 250 levels/,
  ],
  ['without a manifest', rebuilt(({ part }) => [part]), /no manifest\.json/],
  [
    'with a manifest that is no JSON',
    rebuilt(({ part }) => [part, file('manifest.json', 'x')]),
    /manifest\.json is invalid/,
  ],
  ['with an empty manifest', rebuilt(({ part }) => [part, file('manifest.json', '{}')]), /is invalid: format: /],
  ['with two manifests', rebuilt(({ part, manifest }) => [part, manifest, manifest]), /has data after manifest\.json/],
  ['without its dump', rebuilt(({ manifest }) => [manifest]), /is truncated|lists 1 parts, but the archive contains 0/],
  [
    'with its dump twice',
    rebuilt(({ part, manifest }) => [part, part, manifest]),
    /"dump\/000000\.gz" is in the wrong place/,
  ],
  [
    "with another database's dump",
    async (archive) => join([(await splitOf(other)).part, (await splitOf(archive)).manifest]),
    /contains a dump of|checksum of dump/,
  ],
  [
    "with another database's dump and the checksums of that",
    async (archive) => {
      const [{ part, manifest: theirs }, { manifest }] = [await splitOf(other), await splitOf(archive)];
      const { parts } = JSON.parse(theirs.content.toString()) as Manifest;
      const mixed = { ...(JSON.parse(manifest.content.toString()) as Manifest), parts };
      return join([part, file('manifest.json', JSON.stringify(mixed))]);
    },
    /the archive contains a dump of/,
  ],
  [
    'with a path that leads out of it',
    before(file('../../etc/cron.d/x')),
    /"\.\.\/\.\.\/etc\/cron\.d\/x" is in the wrong place/,
  ],
  ['with an absolute path', before(file('/etc/x')), /"\/etc\/x" is in the wrong place/],
  ['with a symbolic link', before({ ...link, type: 'symlink' }), /is a symlink, not a plain file/],
  ['with a hard link', before({ ...link, type: 'link' }), /is a link, not a plain file/],
  ['with a device', before({ ...file('dump/000000.gz'), type: 'character-device' }), /is a character-device/],
  ['with a folder', before({ ...file('dump/'), type: 'directory' }), /is a directory/],
  [
    'with a member that nobody knows',
    rebuilt(({ part, manifest }) => [part, file('notes.txt', 'x'), manifest]),
    /"notes\.txt" is in the wrong place/,
  ],
];

/** All of it put together by a stranger: every checksum fits. */
const crafted: [string, Damage, RegExp][] = [
  ['with a document that is nested 2,000 levels deep', holding('x', nested(2_000)), /nested deeper than 250 levels/],
  [
    'with an event without a time',
    holding('schema_history', { type: 'unlocked', attempt: 'a', token: 1, sequence: 1 }),
    /an event of the history in the backup has no time/i,
  ],
  [
    'with an event whose token is near 2^53',
    holding('schema_history', { type: 'unlocked', attempt: 'a', token: 2 ** 53 - 2, sequence: 1, at: new Date() }),
    /has the token 9007199254740990/,
  ],
  [
    'with an event that has no place in the order',
    holding('schema_history', { type: 'unlocked', attempt: 'a', token: 1, sequence: 1e300, at: new Date() }),
    /has the sequence 1e\+300/,
  ],
  [
    'that unpacks to more than a file of its size can hold',
    async (archive) => gzipSync(gunzipSync(await holding('x', { a: 'a'.repeat(15e6) }, 6)(archive)), { level: 9 }),
    /its unpacked size is more than \d+ MiB; --max-size sets another limit/,
  ],
];

const others: [string, Damage, RegExp][] = [
  ['that is empty', () => Buffer.alloc(0), /it is empty/],
  ['that is a text', () => Buffer.from('not an archive'), /not compressed with gzip/],
  ['that is a compressed text', () => gzipSync('not an archive'.repeat(100)), /not a tar archive/],
  ['that is not compressed', (archive) => gunzipSync(archive), /not compressed with gzip/],
  ['that is a dump without the rest', async (archive) => (await splitOf(archive)).part.content, /not a tar archive/],
];

describe('A backup is refused before anything is touched', () => {
  it.each([...cuts, ...flips, ...forged, ...crafted, ...others])('%s', async (_, damage, message) => {
    const archive = path.join(folder, `${target.name}_20260101_000000.tar.gz`);
    await writeFile(archive, await damage(whole));
    const confirm = () => Promise.reject(new Error('it asked'));
    const refused = await restoreInto(target.name, archive, { drop: true, confirm }).catch(
      (error: unknown) => error as Error,
    );
    expect(refused).toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(message) as string });
    expect(refused).toMatchObject({
      summary: expect.stringMatching(/^Cannot use .*_20260101_000000\.tar\.gz as a backup$/) as string,
      fix: expect.stringMatching(/^(?:use|restore) another backup/) as string,
    });
    expect(await hashOf(target.db)).toEqual(unchanged);
    expect(await target.db.collection('schema_lock').countDocuments()).toBe(0);
  });

  it('when it is of another database, unless that is named; the same file restores where it belongs', async () => {
    const archive = path.join(folder, 'renamed.tar.gz');
    await writeFile(archive, whole);
    await expect(restoreInto(target.name, archive, { drop: true, isNamed: false })).rejects.toMatchObject({
      summary: expect.stringContaining(`into the database "${target.name}"`) as string,
      why: [`the file is a backup of the database "${source.name}"`],
      fix: expect.stringContaining('--database') as string,
    });
    expect(await hashOf(target.db)).toEqual(unchanged);
    expect(await restoreInto(source.name, archive, { isNamed: false, drop: true, dryRun: true })).toMatchObject({
      dryRun: true,
    });
  });
});

function altered(alter: (manifest: Manifest) => unknown): Damage {
  return rebuilt(({ part, manifest }) => {
    const content = JSON.parse(manifest.content.toString()) as Manifest;
    alter(content);
    return [part, file('manifest.json', JSON.stringify(content))];
  });
}

function nested(levels: number): Document {
  let value: Document = {};
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

/** An archive of one collection that holds so many documents like this one. */
function holding(name: string, document: Document, times = 1): Damage {
  return () => {
    const db = target.name;
    const bson = Buffer.concat(Array.from({ length: times }, () => Buffer.from(BSON.serialize(document))));
    const item = (value: Document) => Buffer.from(BSON.serialize(value));
    const [magic, end] = [0x8199e26d, 0xffffffff].map((number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(number);
      return bytes;
    }) as [Buffer, Buffer];
    const namespace = { db, collection: name };
    const dump = Buffer.concat([
      magic,
      item({ concurrent_collections: 1, version: '0.1', server_version: '7.0.28', tool_version: 'x' }),
      item({ ...namespace, metadata: '{}', size: 0, type: 'collection' }),
      end,
      item({ ...namespace, EOF: false, CRC: 0 }),
      bson,
      end,
      item({ ...namespace, EOF: true, CRC: 0 }),
      end,
    ]);
    const part = gzipSync(dump);
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    const manifest: Manifest = {
      format: 1,
      database: db,
      created_at: new Date().toISOString(),
      versions: { tool: 'x', node: 'x', server: 'x', mongodump: 'x' },
      migrations: { applied: [] },
      token: 0,
      schema: {},
      others: {},
      collections: [{ name, documents: times, bytes: bson.length, sha256: sha256(bson) }],
      parts: [{ name: 'dump/000000.gz', size: part.length, sha256: sha256(part) }],
    };
    return join([{ name: 'dump/000000.gz', content: part }, file('manifest.json', JSON.stringify(manifest))]);
  };
}

function set(value: object | undefined, to: object): unknown {
  if (!value) throw new Error('there is nothing to alter');
  return Object.assign(value, to);
}

function before(first: Member): Damage {
  return rebuilt(({ part, manifest }) => [first, part, manifest]);
}

function rebuilt(change: (split: { part: Member; manifest: Member }) => Member[]): Damage {
  return async (archive) => join(change(await splitOf(archive)));
}

function file(name: string, text = ''): Member {
  return { name, content: Buffer.from(text) };
}

async function splitOf(archive: Buffer): Promise<{ part: Member; manifest: Member }> {
  const tar = extract();
  tar.end(gunzipSync(archive));
  const members: Member[] = [];
  for await (const entry of tar) {
    members.push({
      name: entry.header.name,
      content: await buffer(Readable.from(entry)),
    });
  }
  const [part, manifest, ...more] = members;
  if (!part || !manifest || more.length > 0) throw new Error('expected one part and the manifest');
  return { part, manifest };
}

async function join(members: readonly Member[]): Promise<Buffer> {
  const tar = pack();
  const packed = buffer(Readable.from(tar));
  for (const { content, ...header } of members) {
    if (content.length > 0) tar.entry(header, content);
    else tar.entry({ ...header, size: 0 }).end(content);
  }
  tar.finalize();
  return gzipSync(await packed, { level: 0 });
}
