import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string };
}

export interface PullRequest {
  readonly number: number;
  readonly head: { readonly sha: string; readonly ref: string; readonly repo: { readonly full_name: string } | null };
}

export const bot = 'github-actions[bot]';

/** As much of GitHub's API, on 127.0.0.1, as posting a comment needs; it pages as GitHub does. */
export class FakeGitHub {
  readonly comments: Comment[] = [];
  readonly pulls: PullRequest[] = [];
  /** Every request, as `GET /repos/…`. */
  readonly requests: string[] = [];
  /** What every request is answered with, when it is set. */
  failure: { readonly status: number; readonly text: string } | undefined;
  #server: Server | undefined;
  #lastId = 1000;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.close();
  }

  reset(): void {
    this.comments.length = this.pulls.length = this.requests.length = 0;
    this.failure = undefined;
  }

  addComment(body: string, login = bot): Comment {
    const comment = { id: ++this.#lastId, body, user: { login } };
    this.comments.push(comment);
    return comment;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    this.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (this.failure) return { status: this.failure.status, body: this.failure.text };
    if (request.headers.authorization !== 'Bearer ghs_token') return { status: 401, body: '{}' };
    const url = new URL(request.url ?? '', 'http://localhost');
    const text = Buffer.concat((await request.toArray()) as Buffer[]).toString();
    const { body = '' } = (text === '' ? {} : JSON.parse(text)) as { body?: string };
    // GitHub refuses what is longer.
    if (body.length > 65_536) return { status: 422, body: '{}' };
    const result = this.#route(`${request.method ?? ''} ${url.pathname}`, url.searchParams, body);
    return result === undefined ? { status: 404, body: '{}' } : { status: 200, body: JSON.stringify(result) };
  }

  #route(route: string, query: URLSearchParams, body: string): unknown {
    const page = <T>(items: readonly T[]) => {
      const size = Number(query.get('per_page') ?? 30);
      return items.slice((Number(query.get('page') ?? 1) - 1) * size).slice(0, size);
    };
    if (route === 'GET /repos/studio/schema/pulls') {
      const [owner, branch] = (query.get('head') ?? '').split(/:(.*)/);
      const isHead = ({ head }: PullRequest) =>
        head.ref === branch && (head.repo?.full_name ?? '').startsWith(`${owner ?? ''}/`);
      return page(this.pulls.filter(isHead));
    }
    if (route === 'GET /repos/studio/schema/issues/7/comments') return page(this.comments);
    if (route === 'POST /repos/studio/schema/issues/7/comments') return this.addComment(body);
    const id = /^PATCH \/repos\/studio\/schema\/issues\/comments\/(\d+)$/.exec(route)?.[1];
    const comment = this.comments.find((one) => String(one.id) === id);
    return comment && Object.assign(comment, { body });
  }
}
