import type { Health } from './check';

/** The HTTP answer to a health check, in a form that any web framework can send. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. The body is not sent for HEAD requests. */
  readonly body: string;
}

/**
 * Readiness: whether the application can work. Liveness: whether its process runs. The liveness check never asks the database,
 * since restarting the application would not repair the database.
 */
export const probes = { readiness: '/health/db', liveness: '/health/live' } as const;
export type Probe = (typeof probes)[keyof typeof probes];

/** Returns the health check that a request's URL asks for, or undefined. */
export function probeOf(url: string): Probe | undefined {
  const [path] = url.split('?', 1);
  return Object.values(probes).find((probe) => probe === path);
}

/** Answers a health check. Readiness is 200 or 503, depending on the result of `check`. */
export async function answer(probe: Probe, method: string, check: () => Promise<Health>): Promise<Answer> {
  if (!isRead(method)) return notRead;
  if (probe === probes.liveness) return json(200, { status: 'live' });
  const health = await check();
  return json(health.healthy ? 200 : 503, health);
}

export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

export function json(status: number, body: object, headers: Answer['headers'] = {}): Answer {
  const text = `${JSON.stringify(body)}\n`;
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      ...headers,
    },
    body: text,
  };
}

export const notRead = json(405, { error: 'only GET and HEAD are answered' }, { allow: 'GET, HEAD' });
