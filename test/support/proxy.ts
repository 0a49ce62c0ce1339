import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Document } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { answeredId, documentOf, messagesOf, requestId, wantsReply } from './wire';

/** A command on its way to the server. */
export interface SentCommand {
  readonly name: string;
  /** Empty for a command of a whole database. */
  readonly collection: string;
  readonly body: Document;
  /** The thread of the server that will run it: `failCommand` can be told to fail no other's. */
  readonly thread: string;
}

/** What happens to a command. Nothing out of the ordinary unless something is given. */
export interface Treatment {
  /** The connection ends before the server gets it, or after its reply came and before that is passed on. */
  readonly cut?: 'before' | 'reply';
  /** The connection stays, and the command never comes to the server, or its reply never comes back. */
  readonly swallow?: 'command' | 'reply';
  /** Told of the reply before it is passed on. */
  readonly onReply?: (reply: Document) => unknown;
}

/** Decides what happens to a command, which waits until that is decided. */
export type Treat = (command: SentCommand) => Treatment | undefined | Promise<Treatment | undefined>;

export interface Proxy {
  /** Leads to the server through this proxy, over a direct connection. */
  readonly url: string;
  /** Ends every connection at once, on both sides, as the end of the server does. */
  cut(): void;
  /** Ends when the server has answered everything that was sent to it. */
  close(): Promise<void>;
}

/** A proxy in front of a server that looks at each command. What opens and watches connections goes through unseen. */
export async function startProxy(serverUrl: string, treat: Treat): Promise<Proxy> {
  const { hosts } = new ConnectionString(serverUrl);
  const [host = '', port = '27017'] = hosts[0]?.split(':') ?? [];
  const links = new Set<Promise<void>>();
  const sockets = new Set<readonly [client: Socket, upstream: Socket]>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host, port: Number(port), noDelay: true });
    const pair = [client, upstream] as const;
    sockets.add(pair);
    const link = join(client, upstream, treat).finally(() => {
      links.delete(link);
      sockets.delete(pair);
    });
    links.add(link);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: throughProxy(serverUrl, (server.address() as AddressInfo).port),
    cut: () => {
      for (const socket of [...sockets].flat()) socket.destroy();
    },
    close: async () => {
      server.close();
      for (const [client] of sockets) client.destroy();
      await Promise.all(links);
    },
  };
}

function throughProxy(serverUrl: string, port: number): string {
  const url = new ConnectionString(serverUrl);
  url.hosts = [`127.0.0.1:${port}`];
  url.searchParams.delete('replicaSet');
  url.searchParams.set('directConnection', 'true');
  return url.toString();
}

/** Passes messages on in both directions until the client has gone and nothing is left to be answered. */
async function join(client: Socket, upstream: Socket, treat: Treat): Promise<void> {
  const unanswered = new Map<number, Treatment>();
  let thread = '';
  let clientGone = false;
  const leave = () => {
    clientGone = true;
    client.destroy();
    if (unanswered.size === 0) upstream.destroy();
  };
  upstream.on('error', () => client.destroy());
  client.on('error', () => undefined);
  const requests = async () => {
    for await (const message of messagesOf(client)) {
      const sent = commandIn(message, thread);
      const treatment = (sent && (await treat(sent))) ?? {};
      if (treatment.cut === 'before') break;
      if (treatment.swallow === 'command') continue;
      // Monitoring asks once and is answered again and again, so nobody waits for its last reply.
      if (sent && wantsReply(message)) unanswered.set(requestId(message), treatment);
      upstream.write(message);
    }
    leave();
  };
  const replies = async () => {
    for await (const message of messagesOf(upstream)) {
      const treatment = unanswered.get(answeredId(message));
      const reply = treatment?.onReply || thread === '' ? documentOf(message) : undefined;
      if (thread === '' && reply) thread = `conn${String(reply['connectionId'])}`;
      if (reply) treatment?.onReply?.(reply);
      unanswered.delete(answeredId(message));
      if (treatment?.cut === 'reply') leave();
      else if (!clientGone && treatment?.swallow !== 'reply') client.write(message);
      if (clientGone && unanswered.size === 0) upstream.destroy();
    }
    client.destroy();
  };
  await Promise.all([requests(), replies()]);
}

/** Undefined for what drivers send by themselves: only what a program asks for runs in a session. */
function commandIn(message: Buffer, thread: string): SentCommand | undefined {
  const body = documentOf(message);
  if (body?.['lsid'] === undefined) return undefined;
  const [name = '', target] = Object.entries(body)[0] ?? [];
  const collection: unknown = name === 'getMore' ? body['collection'] : withoutDatabase(name, target);
  return { name, body, thread, collection: typeof collection === 'string' ? collection : '' };
}

/** `renameCollection` alone names the database with the collection. */
function withoutDatabase(name: string, target: unknown): unknown {
  return name === 'renameCollection' && typeof target === 'string' ? target.slice(target.indexOf('.') + 1) : target;
}
