import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Db } from 'mongodb';
import { answer, json, probeOf, probes } from './answer';
import { cachedHealth, type HealthOptions } from './cached';

/**
 * Answers `/health/db` and `/health/live`. Requests for other paths go to `next`; without `next`, the answer is 404.
 * @category Health
 */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/**
 * A Fastify plugin that answers `/health/db` and `/health/live`. Its type declares only the parts of Fastify that it uses, so
 * this package does not need Fastify's types.
 * @category Health
 */
export type HealthPlugin = (app: PluginApp, options: unknown, done: (error?: Error) => void) => void;

/** The parts of Fastify that the plugin uses. */
interface PluginApp {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: never, payload: never, parsed: (error: Error | null) => void) => void,
  ): unknown;
  all(path: string, handler: (request: { readonly method: string }, reply: PluginReply) => Promise<unknown>): unknown;
}

interface PluginReply {
  code(status: number): PluginReply;
  headers(headers: Readonly<Record<string, string>>): PluginReply;
  send(body: string): unknown;
}

/** Returns health checks for node:http and Express. */
export function healthHandler(db: Db, options: HealthOptions = {}): HealthHandler {
  const check = cachedHealth(db, options);
  return (request, response, next) => {
    const { method = 'GET', url = '/' } = request;
    const probe = probeOf(url);
    if (!probe && next) {
      next();
      return;
    }
    const answered = probe ? answer(probe, method, check) : Promise.resolve(json(404, { error: 'not found' }));
    void answered.then(({ status, headers, body }) => {
      response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body);
    });
  };
}

/** Returns health checks for Fastify. */
export function healthPlugin(db: Db, options: HealthOptions = {}): HealthPlugin {
  const check = cachedHealth(db, options);
  return (app, _, done) => {
    // Ignore the request body: it must not cause an error before the method is checked.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    for (const probe of Object.values(probes)) {
      app.all(probe, async ({ method }, reply) => {
        const { status, headers, body } = await answer(probe, method, check);
        return reply.code(status).headers(headers).send(body);
      });
    }
    done();
  };
}
