import { readdir } from 'node:fs/promises';
import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { ProjectCopy } from '../../cli/project-copy';
import type { TestDatabase } from '../../support/database';
import { makeRepository, type Git } from '../../support/git-repository';
import { serverEnvironment, type Ended, type Environment } from '../../support/schema-command';
import type { Edit, Recipe } from './recipe';

/** What a walk has shown. */
export interface Walked {
  /** The migrations as they are in the end, by their names without the time. */
  readonly texts: Readonly<Record<string, string>>;
  /** What `plan` said of them, over the documents of the recipe. */
  readonly plan: string;
}

/** What the commands of the page, and the checks of a migration, read beside what every copy has. */
const more = [
  'docker',
  'eslint.config.mjs',
  '.prettierrc.json',
  '.prettierignore',
  '.gitignore',
  'test/support/samples.ts',
];

/** A checkout in which recipes are walked, one after the other, each on a branch of its own. */
export class Kitchen {
  /** The migrations whose style is not checked yet. */
  private readonly unchecked = new Map<string, string>();

  private constructor(
    readonly checkout: ProjectCopy,
    private readonly git: Git,
  ) {}

  static async open(): Promise<Kitchen> {
    const checkout = await ProjectCopy.make(more);
    return new Kitchen(checkout, await makeRepository(checkout.folder));
  }

  close(): Promise<void> {
    return this.checkout.remove();
  }

  /** Does what the page says, and what follows: all that `npm run check` looks at in a migration, plan, deploy, drift, rollback. */
  async walk(recipe: Recipe, { db, name }: TestDatabase): Promise<Walked> {
    const env = serverEnvironment(name);
    await this.begin(recipe, db, env);
    const before = await this.migrations();
    await recipe.documents(db);
    for (const action of recipe.does) await (typeof action === 'string' ? this.type(action) : this.edit(action));
    const added = (await this.migrations()).filter((file) => !before.includes(file));

    await this.type('npm run lint:migrations -- --base base');
    await this.type('npm run check:snapshot');
    await this.checkTypes();
    const planned = await this.run('npm run plan', env);
    expect(planned).toMatchObject({ exitCode: 2 });
    await this.type(deployOf(recipe), env);
    await this.type('npm run drift', env);
    await recipe.holds(db);
    await this.type(`npm run rollback -- --steps ${recipe.back.steps} --yes${allow(recipe.back.loses)}`, env);
    await this.type('npm run drift', env);
    const texts = added.map(async (file) => [nameOf(file), await this.checkout.read('migrations', file)] as const);
    return { texts: Object.fromEntries(await Promise.all(texts)), plan: planned.stdout };
  }

  /** The branch `base` is what the database has by then. */
  private async begin({ after }: Recipe, db: Db, env: Environment): Promise<void> {
    await this.git('checkout', '--quiet', '--force', '-B', 'base', 'main');
    await this.git('clean', '--quiet', '--force', '-d');
    const merged = await this.migrations();
    if (after) {
      for (const action of after.does) await (typeof action === 'string' ? this.type(action) : this.edit(action));
      await this.git('add', '--all');
      await this.git('commit', '--quiet', '--message', after.title);
    }
    if (!after) await this.type('npm run deploy', env);
    else {
      // Its documents are there before its migrations, as in its own walk.
      await this.type(`npm run deploy -- --to ${newestOf(merged)}`, env);
      await after.documents(db);
      await this.type(deployOf(after), env);
    }
    await this.git('checkout', '--quiet', '-b', `change-${Date.now()}`);
  }

  private async checkTypes(): Promise<void> {
    // The information of one build makes the next one quick; git ignores the folder.
    await this.type('npx tsc --incremental --tsBuildInfoFile coverage/tsc');
    const changed = await this.git('diff', '--name-only', 'base', '--', '*.ts', '*.js');
    const created = await this.git('ls-files', '--others', '--exclude-standard', '--', '*.ts');
    const files = [changed, created].flatMap((list) => list.split('\n')).filter((file) => file !== '');
    await this.type(`npx prettier --check ${files.join(' ')}`);
    // ESLint takes as long for one file as for many, and migrations import nothing of their branch.
    if (files.every((file) => file.startsWith('migrations/')))
      for (const file of files) this.unchecked.set(file, await this.checkout.read(file));
    else await this.type(`npx eslint ${files.join(' ')}`);
  }

  /** Checks the style of what the walks have left for this. */
  async checkStyle(): Promise<void> {
    await this.git('checkout', '--quiet', '--force', 'main');
    for (const [file, text] of this.unchecked) await this.checkout.write(file, text);
    await this.type(`npx eslint ${[...this.unchecked.keys()].join(' ')}`);
  }

  /** Types a command, which has to end well and to warn of nothing. */
  private async type(command: string, env: Environment = {}): Promise<void> {
    const { exitCode, stdout, stderr } = await this.run(command, env);
    expect(exitCode, `${command}\n${stdout}\n${stderr}`).toBe(0);
    expect(stdout, command).not.toMatch(/^(?:error|warning) /m);
  }

  private run(command: string, env: Environment = {}): Promise<Ended> {
    return this.checkout.run('sh', ['-c', command.replace(/^npm run /, 'npm run --silent ')], env);
  }

  private async edit({ file, replaced }: Edit): Promise<void> {
    const [folder = '', name = ''] = file.split(/\/(?=[^/]*$)/);
    const [real = name] =
      folder === 'migrations' ? (await this.migrations()).filter((one) => nameOf(one) === nameOf(name)) : [];
    let text = await this.checkout.read(folder, real);
    for (const [from, to] of Object.entries(replaced)) {
      expect(text.split(from), `${file} holds ${from} once`).toHaveLength(2);
      text = text.replace(from, () => to);
    }
    await this.checkout.write(`${folder}/${real}`, text);
  }

  private async migrations(): Promise<string[]> {
    return (await readdir(this.checkout.path('migrations'))).filter((file) => /^\d{14}-.*\.ts$/.test(file)).sort();
  }
}

/** The command that deploys a recipe, as the page states it. */
export function deployOf({ loses }: Recipe): string {
  return loses ? `npm run deploy --${allow(loses)}` : 'npm run deploy';
}

function newestOf(files: readonly string[]): string {
  return files.at(-1) ?? '';
}

function allow(names: readonly string[] = []): string {
  return names.map((name) => ` --allow-data-loss ${name}`).join('');
}

/** `20270101000000-add-notes.ts` is called `add-notes`. */
function nameOf(file: string): string {
  return file.replace(/^\d{14}-/, '').replace(/\.ts$/, '');
}
