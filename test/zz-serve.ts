import { startEmbedded } from '../src/mongod';
import { TEST_ARGS } from './support/server';
import { MongoClient } from 'mongodb';
async function main() {
  const s = await startEmbedded({ args: [...TEST_ARGS, ...process.argv.slice(2)], port: 45555 });
  const c = new MongoClient(s.url); await c.connect();
  console.log('URL', s.url);
  const time = async (name: string, n: number, f: (i: number) => Promise<unknown>) => { const t = performance.now(); for (let i = 0; i < n; i++) await f(i); console.log(name, ((performance.now() - t) / n).toFixed(2), 'ms'); };
  const { readFileSync } = await import('node:fs');
  const cpu = () => { const f = readFileSync(`/proc/${s.members[0]!.pid}/stat`, 'utf8').split(' '); return Number(f[13]) + Number(f[14]); };
  const db = c.db('x');
  const timed = async (name: string, n: number, f: (i: number) => Promise<unknown>) => { const b = cpu(); await time(name, n, f); console.log('   cpu', ((cpu() - b) * 10 / n).toFixed(2), 'ms each'); };
  await timed('idle 1s', 5, () => new Promise((r) => setTimeout(r, 1000)));
  await timed('ping', 500, () => db.command({ ping: 1 }));
  await timed('find', 500, () => db.collection('a').findOne());
  await timed('insert w1', 300, (i) => db.collection('a').insertOne({ i }, { writeConcern: { w: 1 } }));
  await timed('insert majority', 300, (i) => db.collection('a').insertOne({ i }, { writeConcern: { w: 'majority' } }));
  await timed('createCollection', 50, (i) => db.createCollection('c' + i));
  await timed('createIndex empty', 50, (i) => db.collection('c' + i).createIndex({ a: 1 }));
  await timed('createIndex filled', 20, (i) => db.collection('a').createIndex({ ['a' + i]: 1 }));
  await timed('collMod', 50, (i) => db.command({ collMod: 'c' + i, validator: {} }));
  await timed('listIndexes', 100, (i) => db.collection('c' + (i % 50)).listIndexes().toArray());
  await timed('listCollections(50)', 100, () => db.listCollections().toArray());
  await timed('drop', 49, (i) => db.collection('c' + i).drop());
  await timed('dropDatabase', 1, () => db.dropDatabase());
  await timed('connect', 20, async () => { const k = new MongoClient(s.url); await k.connect(); await k.db('x').command({ ping: 1 }); await k.close(); });
  await c.close(); await s.stop();
}
void main();
