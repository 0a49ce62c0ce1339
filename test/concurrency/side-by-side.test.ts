import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeLease } from '../../src/history';
import { withDatabase, type TestDatabase } from '../support/database';
import { startBareUp, startDeploy, type RunningCommand } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied } from './expectations';

let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: `createCollections('users', 'projects')`,
    indexes: `createIndexes('users', [${indexOn('email', 'unique: true')}, ${indexOn('name')}])`,
    no_name: `dropIndexes('users', [${indexOn('name')}])`,
    statuses: `createIndexes('projects', [${indexOn('status')}])`,
  });
});
afterAll(() => project.copy.remove());

interface Applied {
  readonly applied: readonly { readonly name: string }[];
}

const rounds = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const environment = ({ url, name }: TestDatabase) => ({ MONGODB_URL: url, MONGODB_DATABASE: name });
const namesIn = (stdout: string) => (JSON.parse(stdout) as Applied).applied.map(({ name }) => name);

/** Starts processes, and lets them all go on in the same moment: until they all wait, the test holds the lease. */
async function startTogether(database: TestDatabase, start: () => RunningCommand[]): Promise<RunningCommand[]> {
  const lease = await takeLease(database.db, { purpose: 'the start', seconds: 30, timeout: 0 });
  const running = start();
  await Promise.all(running.map((command) => command.says('waiting')));
  await lease.release();
  return running;
}

describe('Eight deploys at once', () => {
  async function expectOneToApply(database: TestDatabase, running: readonly RunningCommand[]) {
    const ended = await Promise.all(running.map((command) => command.ended));
    expect(ended.map(({ exitCode }) => exitCode)).toEqual(running.map(() => 0));
    expect(ended.flatMap(({ stdout }) => namesIn(stdout))).toEqual(project.names);
    await expectApplied(database.db, project);
  }
  const startEight = (database: TestDatabase) => rounds(8).map(() => startDeploy(project, environment(database)));

  it.each(rounds(5))('on a fresh database all end 0, and apply each migration once (round %i)', () =>
    withDatabase((database) => expectOneToApply(database, startEight(database))),
  );

  it.each(rounds(5))('that all wait for one lease end 0, and apply each migration once (round %i)', () =>
    withDatabase(async (database) =>
      expectOneToApply(database, await startTogether(database, () => startEight(database))),
    ),
  );
});

describe('Deploys and bare runs of migrate-mongo at once', () => {
  async function expectNothingResurrected(database: TestDatabase, deploys: RunningCommand[], bares: RunningCommand[]) {
    for (const { exitCode, stderr } of await Promise.all(deploys.map(({ ended }) => ended))) {
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    }
    for (const bare of bares) await expectWonOrLost(database, bare);
    await expectApplied(database.db, project);
  }

  /** A bare run that loses says who was faster, and left no trace of its own at that migration. */
  async function expectWonOrLost(database: TestDatabase, { pid, ended }: RunningCommand) {
    const { exitCode, stderr } = await ended;
    const own = await eventsOf(database.db, pid);
    const applied = own.flatMap(({ type, migration = '' }) => (type === 'finished' ? [migration] : []));
    expect(own.map(({ type, migration }) => [type, migration])).toEqual(
      applied.flatMap((name) => [
        ['started', name],
        ['finished', name],
      ]),
    );
    if (exitCode === 0) return;
    expect(exitCode).toBe(1);
    const [, lost = '', by] = /(\S+\.ts) was applied meanwhile by .+ on .+ \(pid (\d+)\)/.exec(stderr) ?? [];
    expect(lost).toBe(project.names[applied.length]);
    const winners = await database.db.collection('schema_history').distinct('pid', { migration: lost });
    expect(winners).toEqual([Number(by)]);
    expect(stderr).toContain('Nothing was changed');
  }

  it.each(rounds(3))('apply each migration once, and bring no dropped index back (round %i)', () =>
    withDatabase(async (database) => {
      const env = environment(database);
      const [deploys, bares]: [RunningCommand[], RunningCommand[]] = [[], []];
      await startTogether(database, () => {
        for (let count = 0; count < 3; count++) {
          bares.push(startBareUp(project, env));
          deploys.push(startDeploy(project, env));
        }
        return [...deploys, ...bares];
      });
      await expectNothingResurrected(database, deploys, bares);
    }),
  );

  it.each(rounds(2))('four bare runs alone do so as well, and all but one end 1 (round %i)', () =>
    withDatabase(async (database) => {
      const bares = await startTogether(database, () =>
        rounds(4).map(() => startBareUp(project, environment(database))),
      );
      const ended = await Promise.all(bares.map((bare) => bare.ended));
      expect(ended.filter(({ exitCode }) => exitCode === 0).length).toBeLessThanOrEqual(1);
      for (const bare of bares) await expectWonOrLost(database, bare);
      const rest = await startDeploy(project, environment(database)).ended;
      expect(rest.exitCode).toBe(0);
      await expectApplied(database.db, project);
    }),
  );
});
