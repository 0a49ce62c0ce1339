import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeLease } from '../../src/history';
import { withDatabase, type TestDatabase } from '../support/database';
import { startBare, startDeploy, type RunningCommand } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied } from './expectations';

interface Extent {
  readonly rounds: number;
  /** Whether deploys also begin when each is ready, and not only in the same moment. */
  readonly unprepared: boolean;
  /** How many run at once: of deploys alone, of deploys beside as many bare runs, and of bare runs alone. */
  readonly deploys: number;
  readonly pairs: number;
  readonly bareRuns: number;
}

interface Applied {
  readonly applied: readonly { readonly name: string }[];
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
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

/** To be called in a file. */
export function testSideBySide({ rounds, unprepared, deploys, pairs, bareRuns }: Extent): void {
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      collections: `createCollections('users', 'projects')`,
      indexes: `createIndexes('users', [${indexOn('email', 'unique: true')}, ${indexOn('name')}])`,
      no_name: `dropIndexes('users', [${indexOn('name')}])`,
      statuses: `createIndexes('projects', [${indexOn('status')}])`,
    });
  });
  afterAll(() => project.remove());

  describe(`${deploys} deploys at once`, () => {
    async function expectOneToApply(database: TestDatabase, running: readonly RunningCommand[]) {
      const ended = await Promise.all(running.map((command) => command.ended));
      expect(ended.map(({ exitCode }) => exitCode)).toEqual(running.map(() => 0));
      expect(ended.flatMap(({ stdout }) => namesIn(stdout))).toEqual(project.names);
      await expectApplied(database.db, project);
    }
    const startAll = (database: TestDatabase) =>
      numbers(deploys).map(() => startDeploy(project, environment(database)));

    it.each(numbers(unprepared ? rounds : 0))(
      'on a fresh database all end 0, and apply each migration once (round %i)',
      () => withDatabase((database) => expectOneToApply(database, startAll(database))),
    );

    it.each(numbers(rounds))('that all wait for one lease end 0, and apply each migration once (round %i)', () =>
      withDatabase(async (database) =>
        expectOneToApply(database, await startTogether(database, () => startAll(database))),
      ),
    );
  });

  describe('Deploys and bare runs of migrate-mongo at once', () => {
    async function expectNothingResurrected(
      database: TestDatabase,
      deploys: RunningCommand[],
      bares: RunningCommand[],
    ) {
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
      const [, lost = '', by] =
        /(\S+\.ts) was applied in the meantime[^]*?why {4}it was applied by .+ on .+ \(pid (\d+)\)/.exec(stderr) ?? [];
      expect(lost).toBe(project.names[applied.length]);
      const winners = await database.db.collection('schema_history').distinct('pid', { migration: lost });
      expect(winners).toEqual([Number(by)]);
      expect(stderr).toContain('so nothing was changed');
    }

    it.each(numbers(rounds))('apply each migration once, and bring no dropped index back (round %i)', () =>
      withDatabase(async (database) => {
        const env = environment(database);
        const [deploys, bares]: [RunningCommand[], RunningCommand[]] = [[], []];
        await startTogether(database, () => {
          for (let count = 0; count < pairs; count++) {
            bares.push(startBare(project, env));
            deploys.push(startDeploy(project, env));
          }
          return [...deploys, ...bares];
        });
        await expectNothingResurrected(database, deploys, bares);
      }),
    );

    it.each(numbers(rounds))(`${bareRuns} bare runs alone do so as well, and all but one end 1 (round %i)`, () =>
      withDatabase(async (database) => {
        const bares = await startTogether(database, () =>
          numbers(bareRuns).map(() => startBare(project, environment(database))),
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
}
