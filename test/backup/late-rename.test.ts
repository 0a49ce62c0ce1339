import type { Db } from 'mongodb';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { resumeRestore, undoRestore } from '../../src/backup';
import { status } from '../../src/deploy';
import { useDatabase } from '../support/database';
import { treatAt } from '../support/points';
import { startProxy } from '../support/proxy';
import { dieHalfWay } from './cut-off';
import { namesOfRestores, restoreInto, targetOf } from './support';
import { stateOf } from './swapping';

const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

/** A restore that died with a rename on its way, and that rename, to be sent when it is least expected. */
async function dieWithRename() {
  const { db, name } = database;
  const died = await dieHalfWay(database);
  const uuid = await uuidOf(db, 'replaced_results');
  const sendRename = () =>
    db.client.db('admin').command({
      renameCollection: `${name}.results`,
      to: `${name}.replaced_results`,
      collectionUUID: uuid,
    });
  return { ...died, sendRename };
}

async function uuidOf(db: Db, name: string) {
  const [info] = await db.listCollections({ name }, { nameOnly: false }).toArray();
  return info?.info?.uuid;
}

describe('A rename of a restore that died, and that arrives when another process', () => {
  it('takes the restore back, is taken back as well', async () => {
    const { db, name, url } = database;
    const { before, sendRename } = await dieWithRename();
    const proxy = await startProxy(
      url,
      treatAt({ kind: 'renameCollection replaced_first', occurrence: 1 }, async () => {
        await sendRename();
        return {};
      }),
    );
    onTestFinished(() => proxy.close());
    await undoRestore({ url: proxy.url, database: name });
    expect(await stateOf(db)).toEqual(before);
    expect(await namesOfRestores(db)).toEqual([]);
  });

  it('has taken it back, destroys nothing: status names the collection, and no restore removes it', async () => {
    const { db, name } = database;
    const { before, file, sendRename } = await dieWithRename();
    await undoRestore(targetOf(name));
    await sendRename();
    expect((await status(targetOf(name))).leftByRestore).toEqual(['replaced_results']);
    await expect(restoreInto(name, file, { drop: true })).rejects.toMatchObject({ code: 'BACKUP' });
    await undoRestore(targetOf(name));
    await db.collection('replaced_results').rename('results');
    expect(await stateOf(db)).toEqual(before);
  });

  it('has finished it, is refused', async () => {
    const { db, name } = database;
    const { after, sendRename } = await dieWithRename();
    await resumeRestore(targetOf(name));
    await expect(sendRename()).rejects.toMatchObject({ code: 361 });
    expect(await stateOf(db)).toEqual(after);
  });
});
