import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { BSON, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { DumpReader } from '../../src/backup/dump-stream';
import { seed } from '../support/seed';

const end = Buffer.from([0xff, 0xff, 0xff, 0xff]);
const bson = (document: Document) => Buffer.from(BSON.serialize(document));
const namespace = (collection: string, type = 'collection') =>
  bson({ db: 'shop', collection, metadata: '{"indexes":[{"name":"_id_","key":{"_id":1}}]}', size: 0, type });
const header = (collection: string, EOF = false) => bson({ db: 'shop', collection, EOF, CRC: 0 });

const some = [bson({ _id: 1, text: 'a'.repeat(300) }), bson({ _id: 2 }), bson({ _id: 3, more: [1, 2] })] as const;
const prelude = [
  Buffer.from([0x6d, 0xe2, 0x99, 0x81]),
  bson({ concurrent_collections: 4, version: '0.1', server_version: '7.0.28', tool_version: 'x' }),
  namespace('users'),
  namespace('results'),
  namespace('recent', 'view'),
  end,
];
/** Two collections that mongodump wrote side by side. */
const whole = [
  ...prelude,
  header('users'),
  some[0],
  end,
  header('results'),
  some[1],
  end,
  header('users'),
  some[2],
  end,
  header('users', true),
  end,
  header('results', true),
  end,
];

/** Reads a dump that arrives in pieces of these sizes, again and again. */
async function read(dump: readonly Buffer[], sizes: readonly number[] = [1 << 16]) {
  const bytes = Buffer.concat(dump);
  const reader = new DumpReader();
  const finished = new Promise<void>((resolve, reject) => reader.on('finish', resolve).on('error', reject));
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length] ?? 1;
    reader.write(bytes.subarray(at, at + size));
    at += size;
  }
  reader.end();
  await finished;
  return reader.dump;
}

const sha256 = (...documents: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(documents)).digest('hex');

describe('A dump', () => {
  it('is read the same however it arrives', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (pieces) => {
        const { database, collections } = await read(whole, pieces);
        expect(database).toBe('shop');
        expect(collections.map(({ name, documents, sha256 }) => ({ name, documents, sha256 }))).toEqual([
          { name: 'recent', documents: 0, sha256: sha256() },
          { name: 'results', documents: 1, sha256: sha256(some[1]) },
          { name: 'users', documents: 2, sha256: sha256(some[0], some[2]) },
        ]);
      }),
      { numRuns: 100, seed },
    );
  });

  it.each([
    ['that is nothing', [], /it is truncated/],
    ['that ends in a document', [...whole.slice(0, 7), some[0].subarray(0, 100)], /it is truncated/],
    ['that ends between blocks', whole.slice(0, -2), /it is truncated: the collection "results" has no end/],
    ['without its beginning', whole.slice(1), /not an archive of mongodump/],
    ['of two databases', [...prelude.slice(0, -1), bson({ db: 'b', collection: 'x' }), end], /more than one database/],
    ['with a collection that it does not name', [...prelude, header('more'), some[0], end], /which is not in the list/],
    ['with a document after its collection', [...prelude, header('users', true), some[0], end], /after the end of/],
    [
      'with a block after its collection',
      [...whole, header('users'), end],
      /contains more data of "users" after the end of that collection/,
    ],
    ['with a document that cannot be', [...prelude, Buffer.from([4, 0, 0, 0])], /a document of 4 bytes/],
  ] as const)('%s is refused', async (_, dump, message) => {
    await expect(read(dump)).rejects.toMatchObject({
      code: 'DAMAGED',
      message: expect.stringMatching(message) as string,
    });
  });
});
