import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverVersion, startEmbedded } from '../../src/mongod';

/** The server that the tests run on. `how` names its origin, never its credentials. */
export interface TestServer {
  readonly url: string;
  readonly version: string;
  readonly how: string;
  readonly stop: () => Promise<void>;
}

/**
 * Many short-lived databases: without the first, the files of dropped collections stay open for minutes; without the
 * last (milliseconds), each drop of a database waits for the journal's next turn, a tenth of a second away. A shorter one keeps
 * an idle server busy.
 */
export const TEST_ARGS = [
  ...['--setParameter', 'minSnapshotHistoryWindowInSeconds=0'],
  ...['--setParameter', 'enableTestCommands=1'],
  ...['--journalCommitInterval', '15'],
] as const;

/**
 * TEST_MONGODB_URL when set; else a container when a Docker engine answers; else an embedded server.
 * @throws Error when none of them can be had
 */
export async function startTestServer(): Promise<TestServer> {
  const url = process.env['TEST_MONGODB_URL'];
  if (url) {
    return { url, version: await serverVersion(url), how: 'TEST_MONGODB_URL', stop: () => Promise.resolve() };
  }
  return (await startContainer()) ?? (await startTestEmbedded());
}

/** An embedded server as the tests want it, in a temporary folder. */
export async function startTestEmbedded(): Promise<TestServer> {
  const { url, version, how, stop } = await startEmbedded({ args: TEST_ARGS });
  return { url, version, how, stop };
}

/**
 * Starts a server, and once more when mongod dies as it starts: under Wine, on a busy machine, one in some hundred does.
 * It is said on stderr.
 */
export async function startTwice<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    console.error(`a server of the tests did not start, trying once more: ${String(error)}`);
    return start();
  }
}

/** Undefined where no Docker engine answers, or where it cannot get the image; the latter is said on stderr. */
async function startContainer(): Promise<TestServer | undefined> {
  // Loaded only here: it takes half a second, which a run with TEST_MONGODB_URL need not wait for.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const image = imageFor(await composeImage(), process.env['TEST_MONGODB_VERSION']);
  try {
    const { MongoDBContainer } = await import('@testcontainers/mongodb');
    // Its start() sets the command itself, so what is to be added has to be added there.
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

/** The same image, with the version that TEST_MONGODB_VERSION asks for in place of its own. */
function imageFor(image: string, version: string | undefined): string {
  return version ? image.replace(/:.*$/, `:${version}`) : image;
}

/** The image of the MongoDB service in docker/docker-compose.yml, the only place that names it. */
export async function composeImage(): Promise<string> {
  const file = join(__dirname, '..', '..', 'docker', 'docker-compose.yml');
  const image = /^\s*image:\s*(?:&\w+\s+)?['"]?(mongo:[\w.-]+)/m.exec(await readFile(file, 'utf8'))?.[1];
  if (image === undefined) throw new Error(`${file} names no image mongo:…`);
  return image;
}
