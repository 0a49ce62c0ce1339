import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { ConnectionString } from 'mongodb-connection-string-url';
import { inject, onTestFinished } from 'vitest';

/** Returns the connection string of the test server with other options, and optionally another host. */
export function urlWith(options: Readonly<Record<string, string>>, host?: string): string {
  const url = new ConnectionString(inject('mongodb').url);
  if (host !== undefined) {
    url.hosts = [host];
    url.searchParams.delete('replicaSet');
    url.searchParams.set('directConnection', 'true');
  }
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, value);
  return url.toString();
}

/** Opens a port that forwards to the test server, until the test ends. */
export async function openForwarder(port = 0): Promise<number> {
  return listen(createServer(toServer), port);
}

/** Does the same with TLS: for its clients it is a server that requires TLS. */
export async function openTlsForwarder(options: TlsOptions): Promise<number> {
  const server = createTlsServer(options, toServer);
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return listen(server, 0);
}

async function listen(server: Server, port: number): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', ignore)));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function toServer(client: Socket): void {
  const { hosts } = new ConnectionString(inject('mongodb').url);
  const [host = '', port = '27017'] = hosts[0]?.split(':') ?? [];
  const upstream = connect({ host, port: Number(port) }).on('error', ignore);
  client.on('error', ignore).pipe(upstream).pipe(client);
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
}

/** The other side has closed the connection, so nothing is left to forward. */
function ignore(): void {
  return;
}
