import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { isHeld } from '../../src/history';
import { useDatabase } from '../support/database';
import { urlWith } from '../support/forwarder';
import { freePort } from '../support/free-port';
import { projectFolder } from '../support/project-folder';
import { startDeploy, startSchema } from '../support/running-command';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { typeScript } from '../support/type-script';

const database = useDatabase();
const step = (body: string, undo = `'nothing to undo'`) =>
  `run('a reason', { isDone: () => Promise.resolve(false), undo: ${undo}, run: async ({ progress }) => { ${body} } })`;
const fails = `progress(1, 10); throw new Error('it broke');`;
const hangs = `progress(1, 10); setInterval(() => undefined, 1000); await new Promise(() => undefined);`;

async function projectOf(steps: Readonly<Record<string, string>>): Promise<SmallProject> {
  const project = await makeSmallProject(steps);
  onTestFinished(() => project.remove());
  return project;
}

describe('A process ends', () => {
  it('after a data step that has shown progress and then failed', async () => {
    const project = await projectOf({ step: step(fails) });
    const { exitCode, stderr } = await startDeploy(project, serverEnvironment(database.name), []).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('it broke') as string });
  });

  it('after a rollback that has shown progress and then failed', async () => {
    const undone = `run('a reason', { isDone: () => Promise.resolve(true), run: async () => {}, undo: async ({ progress }) => { ${fails} } })`;
    const project = await projectOf({ step: undone });
    const env = serverEnvironment(`${database.name}_back`);
    expect(await runSchema(project, ['deploy'], env)).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await startSchema(project, env, ['rollback', '--steps', '1', '--yes']).ended;
    await database.client.db(`${database.name}_back`).dropDatabase();
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('it broke') as string });
  });

  it('when it is told twice to stop in a data step that hangs, and gives the lease back', async () => {
    const project = await projectOf({ step: step(hangs) });
    const env = serverEnvironment(`${database.name}_hangs`);
    const db = database.client.db(`${database.name}_hangs`);
    const run = startDeploy(project, env, []);
    await run.says('a reason');
    run.send('SIGTERM');
    await run.says('SIGTERM: stopping');
    run.send('SIGTERM');
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The run was stopped');
    expect(await isHeld(db)).toBe(false);
    await db.dropDatabase();
  });
});

describe('Whoever reads what a verb prints may stop reading', () => {
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({ collections: `createCollections('users')` });
  });
  afterAll(() => project.remove());

  const program = path.join(projectFolder, 'src', 'cli', 'main.ts');

  /** Runs a verb in a pipe. Resolves to its own exit code, and to what it said. */
  async function inPipe(verb: string, to: string) {
    const command = ['node', ...typeScript, program, ...verb.split(' '), '--migrations', project.folder].join(' ');
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...serverEnvironment(`${database.name}_pipe`) };
    const options = { cwd: path.dirname(project.folder), env, extendEnv: false, reject: false } as const;
    const { stdout, stderr } = await execa('bash', ['-c', `${command} ${to}; echo "code \${PIPESTATUS[0]}" >&3`], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    }).then(({ stderr, stdio }) => ({ stderr, stdout: stdio[3] }));
    return { code: stdout, stderr };
  }

  it.each([
    ['status', '2>&1 | true', 'code 2'],
    ['status --json', '| true', 'code 2'],
    ['plan', '2>&1 | head -c 1 >/dev/null', 'code 2'],
    ['--help', '| true', 'code 0'],
    ['nonsense', '2>&1 | true', 'code 64'],
    ['deploy', '2>&1 | true', 'code 0'],
    ['drift', '2>&1 | true', 'code 0'],
  ])('and it ends quietly with the code of what was done: %s %s', async (verb, to, code) => {
    const ended = await inPipe(verb, to);
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toMatch(/EPIPE|^ +at /m);
  });
});

describe('A server that keeps a verb waiting', () => {
  it('is named after a second, and given up after five, with the reason', async () => {
    // It accepts connections, and says nothing.
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.close();
    });
    const { port } = silent.address() as { port: number };
    const project = await projectOf({ collections: `createCollections('users')` });
    const verbs = ['status', 'deploy', 'history', 'plan'];
    const started = performance.now();
    const endings = await Promise.all(
      verbs.map((verb) => runSchema(project, [verb], { MONGODB_URL: `mongodb://127.0.0.1:${port}/shop` })),
    );
    expect(performance.now() - started).toBeLessThan(15_000);
    for (const { exitCode, stderr } of endings) {
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(new RegExp(`^waiting for the server at 127\\.0\\.0\\.1:${port}$`, 'm'));
      expect(stderr).toContain(`at 127.0.0.1:${port}, there is no answer`);
    }
  });

  it('is not named when it answers, or is found to be away, at once', async () => {
    const project = await projectOf({ collections: `createCollections('users')` });
    const port = await freePort();
    const env = { MONGODB_URL: `mongodb://127.0.0.1:${port}/shop?serverSelectionTimeoutMS=300` };
    const { stderr } = await runSchema(project, ['status'], env);
    expect(stderr).not.toContain('waiting');
    expect(stderr).toContain('CONNECTION_REFUSED');
  });
});

describe('A read preference in the URL', () => {
  it.each(['status', 'history', 'plan', 'drift', 'deploy', 'health --once', 'rollback --steps 1 --yes'])(
    'does not keep a verb from the primary: %s',
    async (verb) => {
      const project = await projectOf({ collections: `createCollections('users')` });
      const name = `${database.name}_${verb.split(/ /)[0]}`;
      const env = (url: string) => ({ MONGODB_URL: url, MONGODB_DATABASE: name });
      const odd = { readPreference: 'secondary', readPreferenceTags: 'dc:nowhere', maxStalenessSeconds: '120' };
      await runSchema(project, ['deploy'], env(inject('mongodb').url));
      const { exitCode, stderr } = await runSchema(project, verb.split(' '), env(urlWith(odd)));
      await database.client.db(name).dropDatabase();
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.any(String) as string });
    },
  );
});
