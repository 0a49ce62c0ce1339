import { describe, expect, it } from 'vitest';
import { fixture } from '../support/fixture';
import { goDown, useBareMigrateMongo } from './bare-migrate-mongo';

const migrateMongo = useBareMigrateMongo();
const goUp = async () => {
  expect((await migrateMongo.run('up')).exitCode).toBe(0);
  await migrateMongo.expectApplied(fixture.names);
};

/** Each test begins where the one before it ended. */
describe("migrate-mongo's own command line", () => {
  it('goes up', goUp);

  it.each(fixture.names.toReversed())('goes down by %s alone', (name) => goDown(migrateMongo, name));

  it('goes up once more to the same schema', goUp);
});
