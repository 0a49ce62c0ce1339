import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './fakes';
import { started, use } from './started';

describe('the embedded server', () => {
  test('keeps its data across a restart on another port, as a writable replica set', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const first = await started({ dataDir });
    await use(first, (db) => db.collection('kept').insertOne({ n: 1 }));
    await first.stop();
    const second = await started({ dataDir });
    expect(second.members[0]?.port).not.toBe(first.members[0]?.port);
    await use(second, async (db) => {
      await db.collection('kept').insertOne({ n: 2 }, { writeConcern: { w: 'majority' } });
      expect(await db.collection('kept').countDocuments()).toBe(2);
      expect(await db.admin().command({ hello: 1 })).toMatchObject({
        hosts: [`127.0.0.1:${String(second.members[0]?.port)}`],
        setName: 'rs0',
      });
    });
  });
});
