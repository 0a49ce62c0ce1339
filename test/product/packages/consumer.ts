/** A program of an application, in TypeScript: `import` or `require`, as its project says. It prints one document of JSON. */
export const consumer = `
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ObjectId } from 'mongodb';
import {
  checkHealth, close, collections, connect, db, healthHandler, healthPlugin, models, newModels,
  type CollectionName, type ConnectionErrorCode, type Health, type HealthPlugin, type NewDocument, type User,
} from 'sentimatrix-schema';

async function main(): Promise<void> {
  const code: ConnectionErrorCode | 'USAGE' = await connect({ url: 'nonsense' }).then(() => 'USAGE', (error) => error.code);
  await connect();
  const { users } = collections(db());
  const user: NewDocument<'users'> = newModels.users.parse({ email: 'ada@example.com', password_hash: 'x', created_at: new Date(0) });
  await users.insertOne({ _id: new ObjectId(), ...user });
  const found: User | null = await users.findOne({ email: 'ada@example.com' });
  // @ts-expect-error: there is no such field
  void (() => users.insertOne({ _id: new ObjectId(), ...user, pasword: 'x' }));
  const refused = await users.insertOne({ ...user, _id: new ObjectId(), role: 'root' as 'admin' }).catch((error) => error.code);
  const health: Health = await checkHealth(db());
  const server = createServer(healthHandler(db())).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const probe = await fetch('http://127.0.0.1:' + port + '/health/db');
  server.closeAllConnections();
  server.close();
  const plugin: HealthPlugin = healthPlugin(db());
  const name: CollectionName = 'users';
  await close();
  console.log(JSON.stringify({
    code,
    user: models[name].parse(found).email,
    isRefused: !newModels.users.safeParse({ ...user, role: 'root' }).success && refused,
    health: { status: health.status, pending: health.pending_migrations },
    probe: probe.status,
    plugin: typeof plugin,
  }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
`;

/** Which modules a program has loaded once it has connected, by the package that each belongs to. */
export const countModules = `
const { connect, close } = require('sentimatrix-schema');
connect().then(async () => {
  const counts = {};
  for (const file of Object.keys(require.cache)) {
    const name = file.split('/node_modules/').at(-1).match(/^(?:@[^/]+\\/)?[^/]+/)?.[0] ?? '';
    if (file !== __filename) counts[name] = (counts[name] ?? 0) + 1;
  }
  await close();
  console.log(JSON.stringify(counts));
});
`;
