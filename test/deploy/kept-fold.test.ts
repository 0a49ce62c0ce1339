import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findMigrations, frozenName } from '../../src/project';
import { drift } from '../../src/review';
import { freeze } from '../support/freeze';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const { cache } = createRequire(__filename);
let kept = '';

beforeEach(async () => {
  kept = await mkdtemp(path.join(tmpdir(), 'kept-folds-'));
  await freeze(history.folder);
});
afterEach(() => rm(kept, { recursive: true, force: true }));

/** Returns what work returns, and the migrations that it loaded. */
async function loading<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly loaded: readonly string[] }> {
  const files = findMigrations(history.folder);
  for (const file of files) Reflect.deleteProperty(cache, file);
  const result = await work();
  return { result, loaded: files.filter((file) => file in cache).map((file) => path.basename(file)) };
}

const deployKept = (changelog?: string) => history.deploy({ keptFolds: kept, changelog });
const driftKept = () => drift({ ...history.target, keptFolds: kept });
const keptFile = () => path.join(kept, readdirSync(kept).find((name) => name.endsWith('.json')) ?? 'none');

/** Expects the results to be those of a run that loads everything. */
async function expectSameResults(): Promise<void> {
  expect(await driftKept()).toEqual(await drift(history.target));
  expect(await deployKept()).toEqual(await history.deploy());
}

describe('With a kept schema', () => {
  it('nothing is loaded where nothing is pending and nothing differs', async () => {
    expect((await loading(deployKept)).loaded).toEqual([users, emails, projects]);
    const again = await loading(deployKept);
    expect(again.loaded).toEqual([]);
    expect(again.result).toEqual(await history.deploy());
    const compared = await loading(driftKept);
    expect(compared.loaded).toEqual([]);
    expect(compared.result).toEqual(await drift(history.target));
  });

  it('drift is found, and told with the migration that made what differs', async () => {
    await deployKept();
    await history.db.collection('users').dropIndex('email_1');
    await expectSameResults();
    const { findings } = await driftKept();
    expect(findings).toMatchObject([{ kind: 'index missing', migration: emails }]);
  });

  it('a pending migration is applied, and then kept as well', async () => {
    await deployKept();
    const more = '20260104000000-names.ts';
    await history.write(more, code.index('users', 'name'));
    await freeze(history.folder);
    expect((await deployKept()).applied).toMatchObject([{ name: more }]);
    expect((await loading(deployKept)).loaded).toEqual([]);
    await expectSameResults();
  });

  it('a migration that a killed run finished and did not record is applied again', async () => {
    await deployKept();
    await history.db.collection('changelog').deleteOne({ fileName: projects });
    const { result, loaded } = await loading(deployKept);
    expect(loaded).toEqual([users, emails, projects]);
    expect(result.applied).toMatchObject([{ name: projects }]);
    await expectSameResults();
  });

  it('an edited migration is refused', async () => {
    await deployKept();
    await history.write(users, code.collection('users'), '// A word more.\n');
    const refused = await rejection(deployKept());
    expect(refused.code).toBe('HISTORY');
    expect(refused.message).toBe((await rejection(history.deploy())).message);
  });

  it('a changelog with the name of a collection of the migrations is refused', async () => {
    await deployKept();
    await history.db
      .collection('changelog')
      .aggregate([{ $out: 'projects' }])
      .toArray();
    expect((await rejection(deployKept('projects'))).message).toContain('changes the collection projects');
  });
});

/** Replaces the text of what is kept, with a hash that fits. */
async function forge(change: (text: string) => string): Promise<void> {
  const [, text = ''] = (await readFile(keptFile(), 'utf8')).split('\n');
  const forged = change(text);
  expect(forged).not.toBe(text);
  await writeFile(keptFile(), `${createHash('sha256').update(forged).digest('hex')}\n${forged}`);
}

describe('What is kept is not used', () => {
  it.each<[how: string, damage: () => Promise<unknown>]>([
    ['where it is gone', () => rm(keptFile())],
    [
      'where a write of it was cut off',
      async () => writeFile(keptFile(), (await readFile(keptFile())).subarray(0, 200)),
    ],
    ['where it is empty', () => writeFile(keptFile(), '')],
    [
      'where it was altered',
      async () => writeFile(keptFile(), (await readFile(keptFile(), 'utf8')).replace('email_1', 'email_2')),
    ],
    ['where another version of the program made it', () => forge((text) => text.replace(/"of":"\w/, '"of":"x'))],
    ['where another user may write it', () => chmod(keptFile(), 0o666)],
    ['where it is no JSON', () => forge((text) => text.slice(1))],
    ['where the migrations are not frozen', () => rm(path.join(history.folder, frozenName))],
    [
      'where it was made from fewer migrations',
      async () => {
        const before = await readFile(keptFile());
        await history.write('20260104000000-names.ts', code.index('users', 'name'));
        await freeze(history.folder);
        await deployKept();
        await writeFile(keptFile(), before);
      },
    ],
    [
      'where the frozen changes are others',
      async () => {
        const frozen = path.join(history.folder, frozenName);
        const text = await readFile(frozen, 'utf8');
        await writeFile(frozen, text.replace(/"changes":"\w+"/, `"changes":"${'0'.repeat(64)}"`));
        expect((await rejection(deployKept())).code).toBe('SNAPSHOT');
        await writeFile(frozen, text);
        await rm(keptFile());
      },
    ],
  ])('%s', async (_how, damage) => {
    await deployKept();
    await damage();
    const { result, loaded } = await loading(driftKept);
    expect(loaded).toEqual(findMigrations(history.folder).map((file) => path.basename(file)));
    expect(result).toEqual(await drift(history.target));
    await expectSameResults();
  });
});
