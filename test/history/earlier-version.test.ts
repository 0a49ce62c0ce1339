import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BSON, type Document, type IndexDescription } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';

interface Collection {
  readonly name: string;
  readonly options: Document;
  readonly indexes: readonly (IndexDescription & { readonly name: string })[];
  readonly documents: readonly Document[];
}

const database = useDatabase();
const schema = (...args: string[]) => runSchema(fixture, args, serverEnvironment(database.name));

/** Puts into the database, with the driver alone, what version 0.1.0 left on a server. */
async function loadDump(): Promise<void> {
  const text = await readFile(path.join(__dirname, 'version-0.1.0.json'), 'utf8');
  const dump = BSON.EJSON.parse(text, { relaxed: false }) as readonly Collection[];
  for (const { name, options, indexes, documents } of dump) {
    const collection = await database.db.createCollection(name, options);
    const others = indexes.filter((index) => index.name !== '_id_');
    if (others.length > 0) await database.db.command({ createIndexes: name, indexes: others });
    if (documents.length > 0) await collection.insertMany([...documents]);
  }
}

describe('A database that version 0.1.0 left', () => {
  beforeEach(async () => {
    await database.db.dropDatabase();
    await loadDump();
  });

  it('is understood: every event and every state', async () => {
    const { attempts } = documentOf(await schema('history', '--json')) as {
      attempts: { outcome: string; events: { migration?: string; reason?: string }[] }[];
    };
    expect(attempts.map(({ outcome, events }) => `${outcome} ${events[0]?.migration ?? ''}`.trim())).toEqual([
      'baselined 20260101000000-collections.ts',
      'baselined 20260101000100-account_indexes.ts',
      'failed 20260101000200-project_indexes.ts',
      'finished 20260101000200-project_indexes.ts',
      'finished 20260101000300-content_indexes.ts',
      'finished 20260101000300-content_indexes.ts',
      'unlocked',
      'accepted 20251231000000-gone.ts',
      'finished 20260101000300-content_indexes.ts',
      'finished 20260101000400-ttls.ts',
      'finished 20260101000500-validators.ts',
    ]);
    const { migrations } = documentOf(await schema('status', '--json')) as {
      migrations: { name: string; state: string }[];
    };
    expect(migrations.map(({ name, state }) => `${state} ${name}`)).toEqual([
      'applied 20251231000000-gone.ts',
      ...fixture.names.slice(0, -1).map((name) => `applied ${name}`),
      `pending ${fixture.names.at(-1) ?? ''}`,
    ]);
  });

  it('is brought to the newest schema, with later tokens than it had, and back to nothing', async () => {
    const newest = async () =>
      (await database.db.collection('schema_history').find().sort({ token: -1 }).next())?.['token'] as number;
    const before = await newest();
    expect(await schema('deploy')).toMatchObject({ exitCode: 0 });
    expect(await newest()).toBeGreaterThan(before);
    expect(documentOf(await schema('drift', '--json'))).toMatchObject({ drift: 0, notices: 0 });
    for (const name of fixture.names)
      expect(await schema('rollback', '--steps', '1', '--yes'), name).toMatchObject({ exitCode: 0 });
    const left = (await database.db.listCollections().toArray()).map(({ name }) => name);
    expect(left.filter((name) => !/^(?:changelog|schema_)/.test(name))).toEqual([]);
  });
});
