import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { indexOn } from '../support/small-project';
import { projectWith, step, textOf, watching, workName, type Watching } from './watching';

const index = (field: string) => `createIndexes('users', [${indexOn(field)}])`;
/** Reports until one says that a migration makes an index; how many these were. */
async function untilMade(watch: Watching, field: string): Promise<number> {
  for (let rounds = 1; ; rounds++) {
    const { isGood, trial } = await watch.next();
    if (isGood && trial.changes?.[0]?.place === `index users.${field}_1`) return rounds;
  }
}

async function end(watch: Watching, signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
  const began = performance.now();
  watch.send(signal);
  expect(await watch.ended).toMatchObject({ exitCode: 0 });
  expect(await watch.left()).toEqual([]);
  return performance.now() - began;
}

describe('schema watch', () => {
  it('makes few rounds of many saves, and the last one is of the last text', async () => {
    const watch = await watching(await projectWith(index('first')));
    await untilMade(watch, 'first');
    for (let at = 0; at < 100; at++) {
      await watch.save(index(`field${at}`));
      await sleep(at % 10 === 0 ? 60 : 5);
    }
    expect(await untilMade(watch, 'field99')).toBeLessThan(12);
    await sleep(2_000);
    const printed = watch.printed();
    await sleep(2_000);
    expect(watch.printed()).toBe(printed);
    await end(watch, 'SIGINT');
  });

  it('sees what is written by renaming, and a file that takes another name, goes, and comes back', async () => {
    const project = await projectWith(index('first'));
    const watch = await watching(project);
    await untilMade(watch, 'first');
    for (const field of ['second', 'third']) {
      await watch.saveByRename(index(field));
      expect(await untilMade(watch, field)).toBeLessThan(3);
    }
    const other = '20260103000000-other.ts';
    await rename(project.path('migrations', workName), project.path('migrations', other));
    await watch.says(`The file ${workName} does not exist any more.`);
    expect(await watch.next()).toMatchObject({ migration: other, isGood: true });
    await rm(project.path('migrations', other));
    await watch.says('Waiting for a save.');
    await watch.save(index('fourth'));
    await untilMade(watch, 'fourth');
    await end(watch);
  });

  it('makes what comes before anew when that is another one, and says why it cannot', async () => {
    const project = await projectWith(index('first'));
    const watch = await watching(project, ['work']);
    await untilMade(watch, 'first');
    const users = project.path('migrations', '20260101000000-users.ts');
    await writeFile(users, textOf("createCollections('users', 'notes')"));
    await untilMade(watch, 'first');
    await writeFile(users, textOf(`createCollections('users'), ${step("throw new Error('it broke');")}`));
    expect((await watch.next()).trial.problem).toMatchObject({
      summary: `The migrations before ${workName} cannot be applied, so it was not tested`,
      why: expect.arrayContaining(['it broke']) as string[],
    });
    await writeFile(users, textOf("createCollections('users')"));
    await untilMade(watch, 'first');
    await end(watch);
  });

  it('tells of what hangs, and goes on', async () => {
    const project = await projectWith(index('first'));
    const watch = await watching(project, ['--limit', '6']);
    await untilMade(watch, 'first');
    const hanging = [
      [index('second'), 'for (;;) { /* without end */ }\n'],
      [step('await new Promise<void>(() => setInterval(() => undefined, 1_000));'), ''],
    ] as const;
    for (const [steps, more] of hanging) {
      await watch.save(steps, more);
      const { isGood, trial } = await watch.next();
      expect(isGood).toBe(false);
      expect(trial.problem).toMatchObject({
        summary: `${workName} was ended: the process makes no progress`,
        why: expect.arrayContaining(['it sent nothing for 6 s']) as string[],
      });
    }
    await watch.save(step('process.exit(3);'));
    expect((await watch.next()).trial.problem?.why).toContain('the process ended with exit code 3');
    await watch.save(index('third'));
    await untilMade(watch, 'third');
    await watch.save(index('fourth'), 'for (;;) { /* without end */ }\n');
    await sleep(1_500);
    expect(await end(watch, 'SIGINT')).toBeLessThan(3_000);
    expect(await readdir(project.folder)).toContain(workName);
  });
});
