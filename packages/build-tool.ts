import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { compile } from './compile';
import { checkout } from './manifests';

/** Compiles the tool and the migrations into a folder, with frozen.json, which an entry point of the package imports. */
export async function compileTool(dist: string, { typesAreChecked = false } = {}): Promise<void> {
  await compile('tsconfig.build.json', dist, typesAreChecked);
  const migrations = path.join(dist, 'migrations');
  const declarations = (await readdir(migrations)).filter((name) => name.endsWith('.d.ts'));
  // Remove the declarations: a folder of migrations must contain no code files except migrations.
  await Promise.all(declarations.map((name) => rm(path.join(migrations, name))));
}

/** The scripts that find or install MongoDB's programs. */
const scripts = [
  'install_common.sh',
  'install_mongod.sh',
  'install_mongosh.sh',
  'install_tools.sh',
  'mongo-tools',
  'mongosh',
];

/** The pages that messages of the command line mention. */
const pages = ['errors.md', 'lint.md'];

/** Builds the tool in its installed form in an empty folder. */
export async function buildTool(folder: string, options: { readonly typesAreChecked?: boolean } = {}): Promise<void> {
  await compileTool(path.join(folder, 'dist'), options);
  const names = [...scripts.map((name) => path.join('scripts', name)), ...pages.map((name) => path.join('docs', name))];
  for (const name of names) await cp(path.join(checkout, name), path.join(folder, name), { recursive: true });
}
