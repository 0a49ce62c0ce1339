import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes';
import { deploy } from '../../src/deploy';
import { readChangelog, readEvents } from '../../src/history';
import { uniqueName } from '../support/database';
import { letLeaseRunOut } from '../support/lease';
import { useOwnServer } from '../support/own-server';
import { startProcess } from './faults';
import { fixture, folder, runFixture } from './fixture';
import { expectConverged, expectFinished } from './outcome';

const own = useOwnServer();
const failPoint = 'hangAfterStartingIndexBuild';
const [collections = '', indexes = ''] = fixture.map(({ name }) => name);

describe('A deploy that is killed while it builds a unique index over duplicates', () => {
  it('does not count as applied, fails when it is run again, and is applied once the duplicates are gone', async () => {
    const { url } = own.server;
    const database = uniqueName();
    const db = own.client.db(database);
    const letters = db.collection('letters');
    const recorded = async () => (await readChangelog(db)).map(({ fileName }) => fileName);
    await deploy({ url, database, folder, to: collections });
    await letters.insertMany([{ code: 'same' }, { code: 'other' }]);

    await own.failPoint(failPoint);
    const child = startProcess([{ url, database, direction: 'up' }]);
    await expect.poll(() => letters.listIndexes().toArray(), { timeout: 20_000 }).toHaveLength(3);
    // A duplicate that comes while the build is running makes it fail at its end; no look ahead could have found it.
    await letters.insertOne({ code: 'same' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await own.failPointOff(failPoint);
    expect(await recorded()).toEqual([collections]);

    await letLeaseRunOut(db);
    const error: unknown = await runFixture(url, database, 'up').catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/letters\.code_1: 1 value of code occurs more than once/);
    expect(exitCodeOf(error)).toBe(1);
    expect(await recorded()).toEqual([collections]);

    await letters.deleteOne({ code: 'same' });
    await runFixture(url, database, 'up');
    await expectConverged(db, 'up');
    await expectFinished(db, 'up');
    const ofIndexes = (await readEvents(db)).filter(({ migration }) => migration === indexes);
    expect(ofIndexes.map(({ type }) => type)).toEqual(['started', 'interrupted', 'started', 'finished']);
  });
});
