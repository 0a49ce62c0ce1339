import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { compileTool } from './build-tool';
import { checkout } from './manifests';

/** `npm run build`: compiles the code for images. If a build fails, the previous build is kept. */
async function main(): Promise<void> {
  const [dist, fresh] = ['dist', 'dist.new'].map((name) => path.join(checkout, name)) as [string, string];
  await rm(fresh, { recursive: true, force: true });
  try {
    await compileTool(fresh);
    await rm(dist, { recursive: true, force: true });
    await rename(fresh, dist);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
