import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { ConnectionString } from 'mongodb-connection-string-url';

/** Forwards to a server. It can stop forwarding while all connections stay open and new ones are accepted. */
export interface FreezingForwarder {
  readonly url: string;
  freeze(): void;
}

/** Opens a freezing forwarder, until the test ends. */
export async function openFreezingForwarder(serverUrl: string): Promise<FreezingForwarder> {
  const url = new ConnectionString(serverUrl);
  const [host = '', port = '27017'] = url.hosts[0]?.split(':') ?? [];
  const sockets = new Set<Socket>();
  let frozen = false;
  const keep = (socket: Socket) => sockets.add(socket.on('error', () => socket.destroy()));
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port) });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      keep(from);
      from.on('data', (data) => {
        if (!frozen) to.write(data);
      });
      from.on('close', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  url.hosts = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
  url.searchParams.delete('replicaSet');
  url.searchParams.set('directConnection', 'true');
  return {
    url: url.toString(),
    freeze: () => {
      frozen = true;
    },
  };
}
