import { beforeEach, describe, expect, it } from 'vitest';
import { baseline, deploy } from '../../src/deploy';
import { fold } from '../../src/schema';
import { rejection } from '../deploy/small-history';
import { useDatabase } from '../support/database';
import { liveSchema } from '../support/migrations';
import { productFolder, productMigrations } from '../support/product';
import { makeDatabaseByHand } from './made-by-hand';

describe('A database that the init script made, which there was before the migrations,', () => {
  const database = useDatabase();
  const migrations = productMigrations();
  const names = migrations.map(({ name }) => name);
  const ttls = names.findIndex((name) => /^\d+-ttls\.ts$/.test(name));
  const target = () => ({ url: database.url, database: database.name, folder: productFolder });

  beforeEach(async () => {
    await database.db.dropDatabase();
    await makeDatabaseByHand(database.db);
  });

  it('is adopted up to its indexes and TTLs, and shows that its one validator is another', async () => {
    const before = await liveSchema(database.db, migrations);
    const report = await baseline(target());
    expect(report.marked).toEqual(names.slice(0, ttls + 1));
    expect(report.stoppedAt?.migration).toBe(names[ttls + 1]);
    expect(report.stoppedAt?.differences).toContainEqual({
      place: 'validator of users',
      expected: expect.objectContaining({ validator: expect.anything() as object }) as object,
      found: { validator: { $jsonSchema: { bsonType: 'object', required: ['email', 'password_hash', 'created_at'] } } },
      commands: [expect.stringContaining('"users"')],
    });
    expect(report.extras).toEqual(['validator of users']);
    expect(await liveSchema(database.db, migrations)).toEqual(before);
  });

  it('is brought to the whole schema by the next deploy, once that validator is gone', async () => {
    await baseline(target());
    const conflict = await rejection(deploy(target()));
    expect(conflict).toMatchObject({ code: 'CONFLICT', left: names.slice(ttls + 1) });
    await database.db.command({ collMod: 'users', validator: {} });
    const { applied } = await deploy({ ...target(), strict: true });
    expect(applied.map(({ name }) => name)).toEqual(names.slice(ttls + 1));
    expect(await liveSchema(database.db, migrations)).toEqual(fold(migrations.flatMap(({ changes }) => changes)));
  });
});
