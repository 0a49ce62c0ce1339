import { describe, expect, it } from 'vitest';
import { indexOn } from '../support/small-project';
import { runSchema } from '../support/schema-command';
import { makeRepository } from '../support/git-repository';
import { once, projectWith, step, watching, workName } from './watching';

const work = `createIndexes('users', [${indexOn('email')}])`;

describe('schema watch', () => {
  it('tries the newest migration, and what is saved after that, until SIGTERM; nothing of it is left', async () => {
    const watch = await watching(await projectWith(work));
    const places = ({ trial }: Awaited<ReturnType<typeof watch.next>>) => trial.changes?.map(({ place }) => place);
    const good = await watch.next();
    expect(good).toMatchObject({ migration: workName, isGood: true, types: { problems: [] } });
    expect(places(good)).toEqual(['index users.email_1']);
    expect(good.trial).toMatchObject({ lint: { findings: [] }, irreversible: [] });
    expect(good.trial.moves).toHaveLength(5);

    await watch.save(`createIndexes('users', [${indexOn('name')}])`, 'export const count: number = "one";\n');
    const illTyped = await watch.next();
    expect(places(illTyped)).toEqual(['index users.name_1']);
    expect(illTyped).toMatchObject({
      isGood: false,
      types: { problems: [{ line: 2, message: expect.stringContaining('TS2322') as string }] },
    });

    await watch.save(step('', `() => Promise.reject(new Error('it broke'))`));
    const failing = await watch.next();
    expect(failing.trial.moves).toHaveLength(2);
    expect(failing.trial.problem).toMatchObject({
      why: ['it broke'],
      where: expect.stringContaining(`${workName}:`) as string,
    });

    expect((await watch.left()).length).toBeGreaterThan(0);
    watch.send('SIGTERM');
    expect(await watch.ended).toMatchObject({ exitCode: 0 });
    expect(await watch.left()).toEqual([]);
  });

  it('ends --once as it went: 2 for what lint finds, 1 for what is wrong', async () => {
    const named = `createIndexes('users', [{ ...${indexOn('email')}, name: 'mail' }])`;
    const project = await projectWith(named);
    const linted = await once(project);
    expect(linted.exitCode).toBe(2);
    expect(linted.stdout).toMatch(/^✖ 20260102000000-work\.ts: not good yet, [\d.]+ m?s\n {2}types {3}good\n/);
    expect(linted.stdout).toContain('error   SM015');
    expect(linted.stdout).toContain('replay  up, down and up, each twice: good');
    await project.write(`migrations/${workName}`, 'export default migration(');
    const { exitCode, report } = await once(project, '--json');
    expect(exitCode).toBe(1);
    expect(report?.trial.problem).toMatchObject({ code: 'MIGRATION', summary: `${workName} cannot be loaded` });
  });

  it('tells a renamed collection as one, and not as one that goes and one that comes', async () => {
    const { report } = await once(await projectWith("renameCollection('users', 'people')"), '--json');
    expect(report?.trial.changes).toEqual([
      {
        sign: '~',
        place: 'collection users',
        words: ['renamed to `people`, with its documents, indexes and validator'],
      },
    ]);
  });

  it('ends 64 without a migration that is not merged, and for a name that is unknown', async () => {
    const project = await projectWith(work);
    await makeRepository(project.path());
    const merged = await once(project);
    expect(merged).toMatchObject({ exitCode: 64, stdout: '' });
    expect(merged.stderr).toContain('every migration is merged');
    const unknown = await runSchema(project, ['watch', 'works']);
    expect(unknown).toMatchObject({ exitCode: 64, stdout: '' });
    expect(unknown.stderr).toContain('There is no migration "works"');
  });
});
