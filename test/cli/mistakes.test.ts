import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { ConnectionString } from 'mongodb-connection-string-url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { useDatabase } from '../support/database';
import { projectFolder } from '../support/project-folder';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { indexOn, makeSmallProject, migrationText, type SmallProject } from '../support/small-project';
import { runCommandLine } from './command-line';

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    users: "createCollections('users')",
    emails: `createIndexes('users', [${indexOn('email')}])`,
  });
});
afterAll(() => project.remove());

const third = 'migrations/20260103000000-third.ts';

interface Mistake {
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** Another file of the project, by its path. */
  readonly file?: readonly [name: string, text: string];
  /** What was done before. */
  readonly before?: () => Promise<unknown>;
}

const at = (url: string) => ({ MONGODB_URL: url });
const onServer = () => serverEnvironment(database.name);
const deployed = () => runSchema(project, ['deploy'], onServer());
const withStep = (step: string): readonly [string, string] => [third, migrationText(step)];

const mistakes: Readonly<Record<string, Mistake>> = {
  'a typo in a verb': { args: ['deplyo'] },
  'a verb of another tool': { args: ['up'] },
  'a typo in the verb that help is asked for': { args: ['help', 'rolback'] },
  'a typo in an option': { args: ['deploy', '--dyr-run'] },
  'a typo in the name of a migration': { args: ['deploy', '--to', 'emials'] },
  'a typo in a point of diff': { args: ['diff', 'heda'] },
  'a missing argument': { args: ['diff'] },
  'a missing option': { args: ['accept', '--migration', 'users'] },
  'an option without its value': { args: ['deploy', '--to'] },
  'a value that is no number': { args: ['deploy', '--lock-timeout', 'ten'] },
  'a word too many': { args: ['rollback', 'emails'] },
  'a rollback that says neither how far nor how many': { args: ['rollback', '--yes'], before: deployed },
  'a rollback to what is not applied': { args: ['rollback', '--to', 'emails', '--yes'] },
  'a rollback where nobody can be asked': { args: ['rollback', '--steps', '1'], before: deployed },
  'an acceptance of what is in order': {
    args: ['accept', '--migration', 'users', '--reason', 'a test'],
    before: deployed,
  },
  'a restore without a file': { args: ['restore'] },
  'a rule that there is not': { args: ['lint', '--explain', 'SM04'] },
  'no server': { args: ['deploy'], env: {} },
  'a URL without its scheme': { args: ['deploy'], env: at('localhost:27017/shop') },
  'a password that is not encoded': { args: ['deploy'], env: at('mongodb://ann:top@secret@127.0.0.1/shop') },
  'a server that is down': {
    args: ['deploy'],
    env: at('mongodb://ann:topsecret@127.0.0.1:1/shop?serverSelectionTimeoutMS=300'),
  },
  'a wrong password': { args: ['deploy'], env: at('mongodb://ann:topsecret@SERVER') },
  'a folder that is not there': { args: ['status', '--migrations', '/no/such/folder'] },
  'a forgotten snapshot': { args: ['snapshot', '--check'] },
  'a forgotten serves': {
    args: ['plan'],
    file: withStep("createIndexes('users', [{ name: 'plan_1', key: { plan: 1 } }])"),
  },
  'a typo in a verb of a migration': {
    args: ['plan'],
    file: [
      third,
      "import { createIndexs, migration } from 'VERBS';\nexport default migration(__filename, createIndexs('users', []));\n",
    ],
  },
  'a typo in a collection': { args: ['plan'], file: withStep(`createIndexes('usres', [${indexOn('plan')}])`) },
  'a typo in a field': {
    args: ['plan'],
    file: withStep(
      "addValidator('users', { $jsonSchema: { properties: { email: {}, plan: {} } } }), " +
        "dropField('users', 'paln', { reason: 'nobody reads it' })",
    ),
  },
  'a file that is no migration': {
    args: ['status'],
    file: ['migrations/third.ts', migrationText("createCollections('a')")],
  },
  'a migration that was edited after it was applied': {
    args: ['deploy'],
    before: async () => {
      await deployed();
      const name = `migrations/${project.names[1] ?? ''}`;
      await project.write(name, `${await project.read(name)}// A word more.\n`);
    },
  },
};

/** What differs from run to run. */
function masked(text: string): string {
  const { hosts } = new ConnectionString(inject('mongodb').url);
  return (
    [
      [path.dirname(project.folder), 'PROJECT'],
      [projectFolder, 'TOOL'],
      [database.name, 'DATABASE'],
      [`${userInfo().username} on ${hostname()}`, 'SOMEBODY'],
      [hosts.join(', '), 'SERVER'],
      ...hosts.map((host) => [host, 'SERVER'] as const),
    ]
      .reduce((masked, [value = '', name = '']) => masked.replaceAll(value, name), text)
      // Files of one name follow each other here, and maps of sources are kept by name.
      .replaceAll(/\.ts:\d+/g, '.ts:LINE')
      .replaceAll(/mongod \d+\.\d+\.\d+/g, 'mongod VERSION')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
  );
}

async function make({ args, env, file, before }: Mistake): Promise<string> {
  await database.db.dropDatabase();
  await before?.();
  const text = file?.[1].replace('VERBS', path.join(projectFolder, 'src', 'migration'));
  if (file && text !== undefined) await project.write(file[0], text);
  const { hosts } = new ConnectionString(inject('mongodb').url);
  const variables = env && Object.entries(env).map(([name, value]) => [name, value.replace('SERVER', hosts[0] ?? '')]);
  const environment = variables ? (Object.fromEntries(variables) as Record<string, string>) : onServer();
  const isOwnFolder = args.includes('--migrations');
  const ended = isOwnFolder ? await runCommandLine(args, environment) : await runSchema(project, args, environment);
  if (file) await rm(project.path(file[0]));
  const said = masked(ended.stdout + ended.stderr);
  expect(said).not.toMatch(/topsecret|top@secret/);
  return `$ schema ${args.join(' ')}\n${said}ends ${String(ended.exitCode)}\n`;
}

it('Each usual mistake ends with a message that says what is wrong and what to do', async () => {
  const said: string[] = [];
  for (const [title, mistake] of Object.entries(mistakes)) said.push(`# ${title}\n\n${await make(mistake)}`);
  await expect(said.join('\n')).toMatchFileSnapshot('golden/mistakes.txt');
});
