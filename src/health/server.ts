import type { AddressInfo } from 'node:net';
import type { Db } from 'mongodb';
import { isRead, json, notRead, type Answer } from './answer';
import type { HealthOptions } from './cached';
import { healthPlugin } from './handler';
import { SchemaError } from '../support/schema-error';

export interface ServeOptions extends HealthOptions {
  /** The port; 0 for any free port. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
  /** Further pages that the server sends, by path. The functions never throw. */
  readonly pages?: Readonly<Record<string, () => Promise<ServedPage>>>;
}

export interface ServedPage {
  readonly contentType: string;
  readonly text: string;
}

export interface HealthServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Stops the server after it has answered the running requests. Closes idle connections. */
  readonly close: () => Promise<void>;
}

/** How long to wait for running requests to be answered, in milliseconds. This is longer than a check takes. */
const patience = 3_000;

/**
 * Serves health checks on a separate port, for programs without an HTTP server.
 * @throws error with code `USAGE` when the port is in use, or the address does not belong to this machine.
 */
export async function serveHealth(db: Db, { port, host, pages = {}, ...options }: ServeOptions): Promise<HealthServer> {
  // Load Fastify only here, because most code that imports this folder does not need it.
  const { fastify } = await import('fastify');
  const app = fastify({ requestTimeout: 10_000 });
  // Keep-alive connections would keep the server from closing.
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('connection', 'close');
    done();
  });
  app.register(healthPlugin(db, options));
  for (const [path, page] of Object.entries(pages)) {
    app.all(path, async ({ method }, reply) => {
      const { status, headers, body } = isRead(method) ? pageAnswer(await page()) : notRead;
      return reply.code(status).headers(headers).send(body);
    });
  }
  app.setNotFoundHandler((_, reply) => {
    const { status, headers, body } = json(404, { error: 'not found' });
    return reply.code(status).headers(headers).send(body);
  });
  try {
    await app.listen({ port, host });
  } catch (error) {
    await app.close();
    throw explainListen(error, port, host);
  }
  const close = async () => {
    // `app.close()` also waits for connections that never sent a request, because they count as busy. So close them after `patience`.
    const timer = setTimeout(() => {
      app.server.closeAllConnections();
    }, patience);
    await app.close().finally(() => {
      clearTimeout(timer);
    });
  };
  const { port: taken } = app.server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`, close };
}

function pageAnswer({ contentType, text }: ServedPage): Answer {
  const headers = { 'content-type': contentType, 'cache-control': 'no-store' };
  return { status: 200, headers, body: text };
}

function explainListen(error: unknown, port: number, host: string): unknown {
  const noAddress = [
    `${host} is not an address of this machine`,
    'use --host 127.0.0.1, or 0.0.0.0 for all addresses of this machine',
  ] as const;
  const problems: Readonly<Record<string, readonly [summary: string, fix: string]>> = {
    EADDRINUSE: [`Port ${port} is taken by another program`, 'stop that program, or choose another port with --port'],
    EACCES: [`This user may not listen on port ${port}`, 'choose a port above 1023 with --port'],
    EADDRNOTAVAIL: noAddress,
    ENOTFOUND: noAddress,
  };
  const [summary, fix] = problems[String((error as NodeJS.ErrnoException).code)] ?? [];
  return summary === undefined ? error : new SchemaError('USAGE', summary, { fix, cause: error });
}
