import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildData } from './build-data';
import { buildTool } from './build-tool';
import { checkout, dataManifest, readCheckout, toolManifest, type Manifest } from './manifests';

/** A folder with the contents of a package. */
export interface Staged {
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Options {
  readonly typesAreChecked?: boolean;
}

/** Makes the package for applications in an empty folder. */
export async function stageData(folder: string, options?: Options): Promise<Staged & { readonly modules: string[] }> {
  const modules = await buildData(folder, options);
  return { ...(await finish(folder, 'data', dataManifest(readCheckout()))), modules };
}

/** Makes the package with the command line in an empty folder. */
export async function stageTool(folder: string, options?: Options): Promise<Staged> {
  await buildTool(folder, options);
  return finish(folder, 'tool', toolManifest(readCheckout()));
}

async function finish(folder: string, name: string, manifest: Manifest): Promise<Staged> {
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(path.join(checkout, 'packages', name, 'README.md'), path.join(folder, 'README.md'));
  await cp(path.join(checkout, 'LICENSE'), path.join(folder, 'LICENSE'));
  return { folder, manifest };
}
