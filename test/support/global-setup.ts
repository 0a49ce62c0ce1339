import type { TestProject } from 'vitest/node';
import { runsInCI } from '../../src/support/process-env';
import { keepTemporaryFilesInMemory } from './memory-disk';
import { startTestServer } from './server';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run: `inject('mongodb')`. */
    mongodb: { readonly url: string; readonly version: string; readonly how: string };
  }
}

/** Vitest's global setup: starts one server for the whole run. Returns its teardown. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  keepTemporaryFilesInMemory();
  const server = await startTestServer();
  const { url, version, how } = server;
  console.log(`mongod ${version}, ${how}`);
  const problem = wrongVersion(version, process.env);
  if (problem !== undefined) {
    await server.stop();
    throw new Error(problem);
  }
  project.provide('mongodb', { url, version, how });
  return () => server.stop();
}

/** Returns why this version is not suitable for the tests, or undefined. CI needs 7.0, or the version in TEST_MONGODB_VERSION. */
export function wrongVersion(version: string, env: NodeJS.ProcessEnv): string | undefined {
  const wanted = env['TEST_MONGODB_VERSION'] || (runsInCI(env) ? '7.0' : undefined);
  if (wanted === undefined || `${version}.`.startsWith(`${wanted}.`)) return undefined;
  return `the tests need MongoDB ${wanted} here, but the server is ${version}: set TEST_MONGODB_URL, MONGOD or TEST_MONGODB_VERSION`;
}
