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
  /** The server's thread for the command. `failCommand` can be limited to one thread. */
  readonly thread: string;
}

/** What to do with a command. By default it is passed on. */
export interface Treatment {
  /** Closes the connection before the server gets the command, or before the client gets the reply. */
  readonly cut?: 'before' | 'reply';
  /** Keeps the connection open, but drops the command or the reply. */
  readonly swallow?: 'command' | 'reply';
  /** Called with the reply before it is passed on. */
  readonly onReply?: (reply: Document) => unknown;
}

/** Decides what to do with a command, which waits for the decision. */
export type Treat = (command: SentCommand) => Treatment | undefined | Promise<Treatment | undefined>;

export interface Proxy {
  /** The connection string of this proxy, with a direct connection. */
  readonly url: string;
  /** Closes every connection at once, on both sides, as a crash of the server would. */
  cut(): void;
  /** Closes after the server has answered everything that was sent to it. */
  close(): Promise<void>;
}

/** Starts a proxy in front of a server that inspects each command. It passes on commands that open and watch connections. */
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

/** Passes messages on in both directions until the client is gone and all requests are answered. */
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
      // Monitoring asks once and gets many replies, so its last reply is not awaited.
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

/** Returns undefined for commands that drivers send by themselves: only a program's commands have a session. */
function commandIn(message: Buffer, thread: string): SentCommand | undefined {
  const body = documentOf(message);
  if (body?.['lsid'] === undefined) return undefined;
  const [name = '', target] = Object.entries(body)[0] ?? [];
  const collection: unknown = name === 'getMore' ? body['collection'] : withoutDatabase(name, target);
  return { name, body, thread, collection: typeof collection === 'string' ? collection : '' };
}

/** Only `renameCollection` has the database in the name of the collection. */
function withoutDatabase(name: string, target: unknown): unknown {
  return name === 'renameCollection' && typeof target === 'string' ? target.slice(target.indexOf('.') + 1) : target;
}
