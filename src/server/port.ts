import { once } from 'node:events';
import { createServer } from 'node:net';
import { ServerError, codeOf } from './errors';

/**
 * Tried before mongod is started on a port that somebody chose: mongod's own message is a page of log.
 * @throws ServerError PORT_TAKEN
 */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening'); // rejects with the error event
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw new ServerError(
      'PORT_TAKEN',
      `Port ${port} is taken by another program: stop it, or take another port with \`npm run db -- --port ${port + 1}\``,
    );
  } finally {
    probe.close();
  }
}
