import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { discardServer, findMongod, serverVersion, startEmbedded } from '../../src/mongod';
import { once } from '../../src/support/once';

/** The server of the tests. `how` names its origin, never its credentials. */
export interface TestServer {
  readonly url: string;
  readonly version: string;
  readonly how: string;
  readonly stop: () => Promise<void>;
}

/**
 * Options for many short-lived databases. Without the first, the files of dropped collections stay open for minutes. Without the
 * last (in milliseconds), each drop of a database waits a tenth of a second for the journal. A shorter interval keeps
 * an idle server busy.
 */
export const TEST_ARGS = [
  ...['--setParameter', 'minSnapshotHistoryWindowInSeconds=0'],
  ...['--setParameter', 'enableTestCommands=1'],
  ...['--journalCommitInterval', '15'],
] as const;

/**
 * Uses TEST_MONGODB_URL when set; else a container if a Docker engine answers; else an embedded server.
 * @throws Error when none of them is available
 */
export async function startTestServer(): Promise<TestServer> {
  const url = process.env['TEST_MONGODB_URL'];
  if (url) {
    return { url, version: await serverVersion(url), how: 'TEST_MONGODB_URL', stop: () => Promise.resolve() };
  }
  return (await startContainer()) ?? (await startTestEmbedded());
}

/** Starts an embedded server for the tests, in a temporary folder. */
export async function startTestEmbedded(): Promise<TestServer> {
  const server = await startEmbedded({ args: TEST_ARGS });
  const { url, version, how } = server;
  return { url, version, how, stop: () => discardServer(server) };
}

/** Finds the mongod for servers of single files. Each search starts a shell, so a process searches only once. */
export const testMongod = once(() => findMongod());

/**
 * Starts a server, and retries once when mongod crashes at its start. Under Wine on a busy machine, about one in a hundred does.
 * The retry is reported on stderr.
 */
export async function startTwice<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    console.error(`a server of the tests did not start, retrying once: ${String(error)}`);
    return start();
  }
}

/** Returns undefined when no Docker engine answers, or when it cannot get the image, which is reported on stderr. */
async function startContainer(): Promise<TestServer | undefined> {
  // Loaded late: it takes half a second, which a run with TEST_MONGODB_URL does not need.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const image = imageFor(await composeImage(), process.env['TEST_MONGODB_VERSION']);
  try {
    const { MongoDBContainer } = await import('@testcontainers/mongodb');
    // start() sets the command itself, so arguments must be added there.
    class TestContainer extends MongoDBContainer {
      override withCommand(command: string[]): this {
        return super.withCommand([...command, ...TEST_ARGS]);
      }
    }
    const container = await new TestContainer(image).start();
    const stop = async (): Promise<void> => {
      await container.stop();
    };
    const url = `${container.getConnectionString()}/?directConnection=true`;
    try {
      return { url, version: await serverVersion(url), how: `Docker, ${image}`, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`Docker answers, but a container of ${image} does not start (${reason}): using an embedded server`);
    return undefined;
  }
}

/** Returns the same image with the version in TEST_MONGODB_VERSION. */
function imageFor(image: string, version: string | undefined): string {
  return version ? image.replace(/:.*$/, `:${version}`) : image;
}

/** Returns the image of the MongoDB service in docker/docker-compose.yml, the only place that names it. */
export async function composeImage(): Promise<string> {
  const file = join(__dirname, '..', '..', 'docker', 'docker-compose.yml');
  const image = /^\s*image:\s*(?:&\w+\s+)?['"]?(mongo:[\w.-]+)/m.exec(await readFile(file, 'utf8'))?.[1];
  if (image === undefined) throw new Error(`${file} names no image mongo:…`);
  return image;
}
