import type { TestProject } from 'vitest/node';
import { runsInCI } from '../../src/support/process-env';
import { keepTemporaryFilesInMemory } from './memory-disk';
import { startTestServer } from './server';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that this run uses: `inject('mongodb')`. */
    mongodb: { readonly url: string; readonly version: string; readonly how: string };
  }
}

/** Vitest's global setup: one server for the whole run. Returns its teardown. */
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

/** Why this version proves nothing here, or undefined: CI runs on 7.0, or on what TEST_MONGODB_VERSION begins with. */
export function wrongVersion(version: string, env: NodeJS.ProcessEnv): string | undefined {
  const wanted = env['TEST_MONGODB_VERSION'] || (runsInCI(env) ? '7.0' : undefined);
  if (wanted === undefined || `${version}.`.startsWith(`${wanted}.`)) return undefined;
  return `the tests must run on MongoDB ${wanted} here, and the server is ${version}: set TEST_MONGODB_URL, MONGOD or TEST_MONGODB_VERSION`;
}
