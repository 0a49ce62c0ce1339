import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { compile } from './compile';
import { checkout } from './manifests';

/** Compiles the tool and the migrations into a folder. They get frozen.json, which a face of the package imports, with it. */
export async function compileTool(dist: string, { typesAreChecked = false } = {}): Promise<void> {
  await compile('tsconfig.build.json', dist, typesAreChecked);
  const migrations = path.join(dist, 'migrations');
  const declarations = (await readdir(migrations)).filter((name) => name.endsWith('.d.ts'));
  // A folder of migrations holds nothing else that could be code.
  await Promise.all(declarations.map((name) => rm(path.join(migrations, name))));
}

/** The scripts by which the command line finds, or gets, programs of MongoDB where none are installed. */
const scripts = [
  'install_common.sh',
  'install_mongod.sh',
  'install_mongosh.sh',
  'install_tools.sh',
  'mongo-tools',
  'mongosh',
];

/** The pages that messages of the command line name. */
const pages = ['errors.md', 'lint.md'];

/** Builds the tool as it is installed, into an empty folder. */
export async function buildTool(folder: string, options: { readonly typesAreChecked?: boolean } = {}): Promise<void> {
  await compileTool(path.join(folder, 'dist'), options);
  const names = [...scripts.map((name) => path.join('scripts', name)), ...pages.map((name) => path.join('docs', name))];
  for (const name of names) await cp(path.join(checkout, name), path.join(folder, name), { recursive: true });
}
