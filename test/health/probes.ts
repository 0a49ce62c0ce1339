import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Health } from '../../src/health';

/** What a probe gets. */
export interface Probed {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the answer is not JSON. */
  readonly health: Partial<Health> | undefined;
}

export async function probe(url: string, method = 'GET', init: RequestInit = {}): Promise<Probed> {
  const response = await fetch(url, { method, ...init });
  const text = await response.text();
  const health = text.startsWith('{') ? (JSON.parse(text) as Partial<Health>) : undefined;
  return { status: response.status, headers: response.headers, text, health };
}

/** Serves until the test ends; gives the address. */
export async function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener));
}

export async function listen(server: Server): Promise<string> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
