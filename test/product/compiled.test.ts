import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDatabase } from '../support/database';
import { productMigrations } from '../support/product';
import { serverEnvironment, type Ended } from '../support/schema-command';
import { compile, type Compiled } from './compiled';

const database = useDatabase();
const names = productMigrations().map(({ name }) => name);
/** A migration that can be rolled back, and the one after it. */
const ttls = names.find((name) => name.endsWith('-ttls.ts')) ?? '';
const afterTtls = names[names.indexOf(ttls) + 1] ?? '';
let compiled: Compiled;
beforeAll(async () => {
  compiled = await compile();
});
afterAll(() => compiled.remove());
beforeEach(() => database.db.dropDatabase());

const env = () => serverEnvironment(database.name);
/** Runs a program that imports the package by its name. */
async function program(text: string): Promise<Ended> {
  await writeFile(path.join(compiled.folder, 'program.mjs'), text);
  return compiled.run('node', ['program.mjs'], env());
}
const target = `{ url: process.env.MONGODB_URL, database: process.env.MONGODB_DATABASE }`;

describe('Compiled code', () => {
  it.each(['ts-node', 'typescript', '@swc/core', 'mongodb-memory-server-core'])(
    'runs where %s is not installed',
    async (name) => {
      const { stderr } = await compiled.run('node', ['-e', `require('${name}')`]);
      expect(stderr).toContain(`Cannot find module '${name}'`);
    },
  );

  it('writes no migrations, which are TypeScript', async () => {
    const { exitCode, stderr } = await compiled.run('node', ['dist/src/cli/main.js', 'new', 'add-notes']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 64,
      stderr: expect.stringContaining('in a checkout: `npm run schema -- new NAME`') as string,
    });
  });
});

describe('The compiled command line', () => {
  it('knows its version', async () => {
    const { version } = createRequire(__filename)('../../package.json') as { version: string };
    const ended = await compiled.run('node', [path.join('dist', 'src', 'cli', 'main.js'), '--version']);
    expect(ended).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('The package, imported by its name', () => {
  it('deploys, tells how it goes, and ends when it is done', async () => {
    const { exitCode, stdout, stderr } = await program(`
      import { deploy, rollback, status, history } from 'sentimatrix-schema-tool';
      const namesOf = (migrations) => migrations.map(({ name }) => name);
      const events = [];
      const before = await status(${target});
      const { applied } = await deploy({ ...${target}, to: '${ttls}', onEvent: ({ type }) => events.push(type) });
      const { rolledBack } = await rollback({ ...${target}, steps: 1 });
      const rest = await deploy(${target});
      const after = await status(${target});
      const attempts = await history({ ...${target}, migration: '${ttls}' });
      console.log(JSON.stringify({
        pending: [before.pending, after.pending],
        applied: namesOf(applied),
        events,
        rolledBack: namesOf(rolledBack),
        rest: namesOf(rest.applied),
        attempts: attempts.map(({ outcome }) => outcome),
      }));
    `);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const first = names.slice(0, names.indexOf(afterTtls));
    expect(JSON.parse(stdout)).toEqual({
      pending: [names.length, 0],
      applied: first,
      events: first.map(() => 'migration'),
      rolledBack: [ttls],
      rest: names.slice(names.indexOf(ttls)),
      attempts: ['finished', 'finished', 'finished'],
    });
  });

  it('stops at an AbortSignal between two commands, says what is left, and lets the program go on', async () => {
    const { exitCode, stdout, stderr } = await program(`
      import { deploy, status } from 'sentimatrix-schema-tool';
      const controller = new AbortController();
      const onEvent = ({ type }) => type === 'migration' && controller.abort();
      const { code, left } = await deploy({ ...${target}, signal: controller.signal, onEvent }).catch((error) => error);
      const { pending, holder } = await status(${target});
      console.log(JSON.stringify({ code, left: left.length, pending, holder }));
    `);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ code: 'ABORTED', left: names.length - 1, pending: names.length - 1 });
  });

  it('never ends the process: a refusal is an error with a code', async () => {
    const { exitCode, stdout } = await program(`
      import { accept } from 'sentimatrix-schema-tool';
      const error = await accept({ ...${target}, migration: '${ttls}', reason: 'x' }).catch((reason) => reason);
      console.log(error.code);
    `);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'USAGE\n' });
  });
});
