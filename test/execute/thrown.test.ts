import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { withDatabase } from '../support/database';
import { projectFolder } from '../support/project-folder';
import {
  documentOf,
  runSchema,
  serverEnvironment,
  type Ended,
  type Environment,
  type Project,
} from '../support/schema-command';
import { typeScript } from '../support/type-script';
import { makeSmallProject, type SmallProject } from '../support/small-project';

let project: SmallProject | undefined;
afterEach(() => project?.remove());

interface How {
  readonly helpers?: string;
  readonly args?: readonly string[];
  /** Whether it runs in a process of its own, as people start it. */
  readonly inProcess?: boolean;
}

/** Deploys a migration with a step whose `run` has this body, in a file that ends with these lines. */
async function deployStep(body: string, { helpers = '', args = [], inProcess = false }: How = {}) {
  const step = `run('a reason', { isDone: () => Promise.resolve(false), undo: 'nothing to undo', run: async ({ db }) => {\n${body}\n} })`;
  project = await makeSmallProject({ step: `createCollections('users'), ${step}` });
  const [name = ''] = project.names;
  const text = await project.read('migrations', name);
  await project.write(`migrations/${name}`, `${text}${helpers}`);
  const { folder } = project;
  return withDatabase(async ({ db }) => {
    const env = serverEnvironment(db.databaseName);
    const all = ['deploy', '--json', ...args];
    const ended = await (inProcess ? runProcess({ folder }, all, env) : runSchema({ folder }, all, env));
    const { error } = documentOf(ended) as {
      error: { summary: string; why: string[]; where: string; stack?: string[] };
    };
    const lines = (await project?.read('migrations', name))?.split('\n') ?? [];
    const lineOf = (part: string) => lines.findIndex((line) => line.includes(part)) + 1;
    return { ...ended, error, lineOf, events: await readEvents(db) };
  });
}

async function runProcess({ folder }: Project, args: readonly string[], env: Environment): Promise<Ended> {
  const program = [...typeScript, path.join(projectFolder, 'src', 'cli', 'main.ts'), ...args, '--migrations', folder];
  const { exitCode, stdout, stderr } = await execa('node', program, { cwd: projectFolder, env, reject: false });
  return { exitCode, stdout, stderr };
}

describe('What a data step throws', () => {
  it.each([
    ['null', 'null', 'null was thrown'],
    ['undefined', 'undefined', 'undefined was thrown'],
    ['an empty string', `''`, "'' was thrown"],
    ['a string', `'the mail server is down'`, 'the mail server is down'],
    ['an object', `{ status: 503, reason: 'the mail server is down' }`, 'the mail server is down'],
    ['an object with a message', `{ code: 7, message: 'the mail server is down' }`, 'the mail server is down'],
    ['an object with the code of an error of ours', `{ code: 'LOCKED', message: 'a door' }`, 'a door'],
    ['an object that cannot be printed', `{ get message() { throw new Error('no'); } }`, ''],
    ['an error', `new TypeError('the mail server is down')`, 'the mail server is down'],
    ['an error without a message', `new RangeError()`, 'RangeError'],
    ['an error whose cause is null', `new Error('it failed', { cause: null })`, 'it failed'],
    ['a number', '42', '42'],
    ['a symbol', `Symbol('door')`, 'door'],
  ])('is told as the reason: %s', async (_, thrown, reason) => {
    const { exitCode, error, events } = await deployStep(`throw ${thrown};`);
    expect({ exitCode, code: (error as { code?: string }).code }).toEqual({ exitCode: 1, code: 'FAILED' });
    expect(error.why.join('\n')).toContain(reason);
    expect(error.where).toContain('-step.ts');
    expect(events.map(({ type }) => type)).toEqual(['started', 'failed']);
  });

  const places = [
    ['in the step', `throw new Error('here');`, '', `throw new Error('here')`],
    [
      'after a wait',
      `await new Promise((done) => setTimeout(done, 1));\nthrow new Error('here');`,
      '',
      `new Error('here')`,
    ],
    [
      'in a helper function',
      'help();',
      `function help(): void {\n  throw new Error('help');\n}\n`,
      `new Error('help')`,
    ],
    [
      'in an asynchronous helper',
      'await help();',
      `async function help(): Promise<void> {\n  await Promise.resolve();\n  throw new Error('help');\n}\n`,
      `new Error('help')`,
    ],
    ['by JSON', `JSON.parse('{');`, '', `JSON.parse('{')`],
    [
      'by the driver',
      `await db.collection('users').updateOne({}, { $set: { _id: 1, a: { $bad: 1 } } as never }, { upsert: true, hint: 'none' });`,
      '',
      'updateOne',
    ],
    ['by a failed command', `await db.command({ nonsense: 1 });`, '', 'nonsense'],
  ] as const;

  it.each(places)('is shown with a line when it is thrown %s', async (_, body, helpers) => {
    const { error } = await deployStep(body, { helpers });
    expect(error.where).toMatch(/-step\.ts:\d+$/);
  });

  it.each(places.filter(([where]) => where === 'in an asynchronous helper' || where === 'by the driver'))(
    'is shown with its own line of the migration when it is thrown %s',
    async (_, body, helpers, part) => {
      const { error, lineOf } = await deployStep(body, { helpers, inProcess: true });
      expect(error.where).toMatch(new RegExp(`-step\\.ts:${lineOf(part)}$`));
    },
  );

  it('comes with its stack when --verbose is given, and without it else', async () => {
    const quiet = await deployStep(`throw new Error('here');`);
    expect(quiet.error).not.toHaveProperty('stack');
    expect(quiet.stderr).not.toMatch(/^ +at /m);
    const { error, stderr } = await deployStep(`throw new Error('here');`, { args: ['--verbose'] });
    expect(error.stack?.[0]).toBe('Error: here');
    expect(error.stack?.[1]).toMatch(/-step\.ts:\d+:\d+/);
    expect(stderr).toMatch(/^ +at .*-step\.ts:\d+:\d+/m);
  });
});
