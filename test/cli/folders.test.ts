import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findFolders } from '../../src/cli/folders';
import { makeRepository } from '../support/git-repository';
import { projectFolder } from '../support/project-folder';
import { documentOf, type Environment } from '../support/schema-command';
import { makeSmallProject, migrationText, type SmallProject } from '../support/small-project';
import { runCommandLine } from './command-line';

describe('The folders of a command line', () => {
  it('are those of the repository when nothing names others, and its pages are among them', () => {
    expect(findFolders({})).toEqual({
      project: projectFolder,
      migrations: path.join(projectFolder, 'migrations'),
      schema: path.join(projectFolder, 'schema'),
      docs: path.join(projectFolder, 'docs'),
    });
  });

  it("are a project's own when its migrations are named, without any pages", () => {
    expect(findFolders({ migrations: __dirname })).toEqual({
      project: path.dirname(__dirname),
      migrations: __dirname,
      schema: path.join(path.dirname(__dirname), 'schema'),
    });
  });

  it('are found from the working directory', () => {
    const relative = path.relative(process.cwd(), __dirname);
    expect(findFolders({ migrations: relative, schemaFolder: 'generated' })).toMatchObject({
      migrations: __dirname,
      schema: path.resolve('generated'),
    });
  });

  it('are an error when the migrations are no folder', () => {
    for (const migrations of [path.join(__dirname, 'none'), __filename]) {
      expect(() => findFolders({ migrations })).toThrow(
        expect.objectContaining({
          code: 'USAGE',
          summary: `The folder ${migrations} does not exist`,
        }),
      );
    }
  });
});

describe('The migrations', () => {
  let people: SmallProject;
  let shop: SmallProject;
  beforeAll(async () => {
    people = await makeSmallProject({ people: "createCollections('people')" });
    shop = await makeSmallProject({ orders: "createCollections('orders')" });
  });
  afterAll(async () => {
    await people.remove();
    await shop.remove();
  });

  /** The collections that the migrations lead to. */
  const collections = async (args: readonly string[], env: Environment = {}) => {
    const ended = await runCommandLine([...args, '--json'], env);
    return (documentOf(ended)['changes'] as { place: string }[]).map(({ place }) => place);
  };

  it('are those that --migrations names, before or after the verb', async () => {
    for (const option of [
      ['--migrations', people.folder],
      [`--migrations=${people.folder}`],
      ['--migrations', path.relative(process.cwd(), people.folder)],
    ]) {
      expect(await collections([...option, 'diff', 'empty'])).toEqual(['collection people']);
      expect(await collections(['diff', 'empty', ...option])).toEqual(['collection people']);
    }
  });

  it('are those that SCHEMA_MIGRATIONS names, when no option does', async () => {
    const env = { SCHEMA_MIGRATIONS: people.folder };
    expect(await collections(['diff', 'empty'], env)).toEqual(['collection people']);
    expect(await collections(['diff', 'empty', '--migrations', shop.folder], env)).toEqual(['collection orders']);
    expect(await collections(['--migrations', shop.folder, 'diff', 'empty'], env)).toEqual(['collection orders']);
  });

  it('are an error when SCHEMA_MIGRATIONS names no folder, unless an option names one', async () => {
    const env = { SCHEMA_MIGRATIONS: path.join(__dirname, 'none') };
    const { exitCode, stdout, stderr } = await runCommandLine(['diff', 'empty'], env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain(`The folder ${env.SCHEMA_MIGRATIONS} does not exist (USAGE)`);
    expect(await collections(['diff', 'empty', '--migrations', shop.folder], env)).toEqual(['collection orders']);
  });
});

describe('The generated schema', () => {
  let project: SmallProject;
  beforeEach(async () => {
    project = await makeSmallProject({ users: "createCollections('users')" });
    return () => project.remove();
  });
  const run = (args: readonly string[], env: Environment = {}) =>
    runCommandLine([...args, '--migrations', project.folder], env);
  const files = (folder: string) => ['schema.json', 'SCHEMA.md'].map((name) => existsSync(project.path(folder, name)));
  const generated = () => project.path('generated');

  it('is written to the folder that --schema-folder names, and nowhere else', async () => {
    const { exitCode, stdout } = await run(['snapshot', '--schema-folder', generated()]);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `new       ${project.names.join()}\nchanged   migrations/frozen.json\nchanged   generated/schema.json\nchanged   generated/SCHEMA.md\nWritten.\n`,
    });
    expect([files('generated'), files('schema')]).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('is written to the folder that SCHEMA_FOLDER names, and to another one when an option names that', async () => {
    const env = { SCHEMA_FOLDER: generated() };
    expect(await run(['snapshot', '--schema-folder', project.path('other')], env)).toMatchObject({ exitCode: 0 });
    expect([files('generated'), files('other')]).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(await run(['snapshot'], env)).toMatchObject({ exitCode: 0 });
    expect([files('generated'), files('schema')]).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('is compared there by --check', async () => {
    const check = ['snapshot', '--check', '--schema-folder', generated()];
    // What lies beside the migrations is up to date, and does not count.
    await run(['snapshot']);
    expect(await run(check)).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(
        /^changed {3}generated\/schema\.json\nchanged {3}generated\/SCHEMA\.md\n/,
      ) as string,
    });
    await run(['snapshot', '--schema-folder', generated()]);
    await project.write('schema/schema.json', '{}\n');
    expect(await run(check)).toEqual({ exitCode: 0, stdout: 'The snapshot is up to date.\n', stderr: '' });
    await project.write('generated/schema.json', '{}\n');
    expect(await run(check)).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(/^changed {3}generated\/schema\.json\nOut of date/) as string,
    });
  });

  it('is read there, as the base has it, by report', async () => {
    await run(['snapshot', '--schema-folder', generated()]);
    await makeRepository(project.path());
    await project.write('migrations/20260102000000-tags.ts', migrationText("createCollections('tags')"));
    const changes = async (...args: string[]) => {
      const report = documentOf(await run(['report', '--base', 'main', '--json', ...args]));
      return (report['changes'] as { place: string }[]).map(({ place }) => place);
    };
    expect(await changes('--schema-folder', generated())).toEqual(['collection tags']);
    // Merged migrations that are as they were tell what stood there. Else the schema that was committed does.
    expect(await changes()).toEqual(['collection tags']);
    const [users = ''] = project.names;
    await project.write(`migrations/${users}`, `${await project.read('migrations', users)}// Edited.\n`);
    expect(await changes('--schema-folder', generated())).toEqual(['collection tags']);
    // There is none in the folder beside the migrations, so everything is new to it.
    expect(await changes()).toEqual(['collection tags', 'collection users']);
    // Outside of the repository nobody knows what stood there before.
    const outside = await run(['report', '--base', 'main', '--schema-folder', path.dirname(project.path())]);
    expect(outside).toMatchObject({ exitCode: 64, stdout: '' });
    expect(outside.stderr).toContain('is outside of the git repository');
  });
});
