import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { useDatabase } from '../support/database';
import { productFolder, productMigrations } from '../support/product';
import { projectFolder } from '../support/project-folder';
import { startBare } from '../support/running-command';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';
import { compile } from './compiled';

const database = useDatabase();
const names = productMigrations().map(({ name }) => name);
/** A migration that can be rolled back, and the one after it. */
const ttls = names.find((name) => name.endsWith('-ttls.ts')) ?? '';
const afterTtls = names[names.indexOf(ttls) + 1] ?? '';

it('Compiled code mixes with the sources and with migrate-mongo on one database: the same names, and the same checksums', async () => {
  const compiled = await compile();
  onTestFinished(() => compiled.remove());
  const env = () => serverEnvironment(database.name);
  const schema = (...args: string[]) => compiled.run('node', ['dist/src/cli/main.js', ...args], env());
  expect((await schema('deploy', '--to', ttls)).exitCode).toBe(0);
  expect((await schema('rollback', '--steps', '1', '--yes')).stdout).toMatch(`rolled back  ${ttls} `);

  const sources = { folder: productFolder };
  const next = documentOf(await runSchema(sources, ['deploy', '--to', afterTtls, '--json'], env()));
  expect(next['applied']).toMatchObject([{ name: ttls }, { name: afterTtls }]);
  expect(documentOf(await schema('status', '--json'))).toMatchObject({ broken: 0 });

  const rest = names.slice(names.indexOf(afterTtls) + 1);
  const { stdout } = await startBare(sources, env()).ended;
  expect(stdout).toBe(rest.map((name) => `MIGRATED UP: ${name}\n`).join(''));
  expect((await schema('deploy', '--strict')).stdout).toContain('Nothing is pending.');
  expect((await schema('status')).exitCode).toBe(0);
  expect((await runSchema(sources, ['status'], env())).exitCode).toBe(0);
});

it('The package, imported by its name, has types that a strict program compiles against', async () => {
  const compiled = await compile();
  onTestFinished(() => compiled.remove());
  await writeFile(
    path.join(compiled.folder, 'consumer.mts'),
    `import { deploy, status, type DeployReport, type NewDocument, type RunEvent } from 'sentimatrix-schema-tool';
    const onEvent = (event: RunEvent): string => (event.type === 'migration' ? event.migration.name : event.type);
    export const run = (signal: AbortSignal): Promise<DeployReport> =>
      deploy({ url: 'mongodb://h', database: 'd', signal, strict: true, onEvent });
    export const names = async (): Promise<readonly string[]> =>
      (await status({ url: 'mongodb://h', database: 'd' })).migrations.map(({ name, applied }) => applied?.user ?? name);
    export type Email = NewDocument<'users'>['email'];
    // @ts-expect-error: there is no such option
    void deploy({ url: '', database: '', force: true });
    // @ts-expect-error: a database is needed
    void status({ url: '' });
    `,
  );
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'NodeNext',
    target: 'ES2023',
    noEmit: true,
  };
  const typeRoots = [path.join(projectFolder, 'node_modules', '@types')];
  await writeFile(
    path.join(compiled.folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...options, types: ['node'], typeRoots, skipLibCheck: true },
      files: ['consumer.mts'],
    }),
  );
  const tsc = path.join(projectFolder, 'node_modules', '.bin', 'tsc');
  expect(await compiled.run(tsc, ['-p', '.'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});
