import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { MongoClient, type Document } from 'mongodb';
import { freePort } from './free-port';
import { startTwice, testMongod } from './server';

/** A standalone server that requires a login. */
export interface ServerWithUsers {
  /** The password of every user. It is unique on this machine, and must be escaped in a connection string. */
  readonly password: string;
  /** The connection string of a user with all rights. */
  readonly url: string;
  /** Returns a connection string for a new user with only these privileges. */
  urlFor(...privileges: Document[]): Promise<string>;
  /** Returns a connection string for a new user with these roles. */
  urlWith(...roles: Document[]): Promise<string>;
  /** Drops the database `product`. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** The server hashes the password of a new user this many times. The defaults take a tenth of a second of CPU; these are the smallest numbers. */
const ARGS = [
  ...['--auth', '--bind_ip', '127.0.0.1'],
  ...['--setParameter', 'scramIterationCount=5000'],
  ...['--setParameter', 'scramSHA256IterationCount=5000'],
] as const;

export function startWithUsers(): Promise<ServerWithUsers> {
  return startTwice(startOnce);
}

async function startOnce(): Promise<ServerWithUsers> {
  const password = `${randomBytes(12).toString('hex')} /@`;
  const mongod = await testMongod();
  const [folder, port] = [await mkdtemp(path.join(tmpdir(), 'mongod-auth-')), await freePort()];
  const child = execa(mongod.path, [...ARGS, '--port', String(port), '--dbpath', folder], {
    reject: false,
    stdout: 'ignore',
    stderr: 'ignore',
    cleanup: true,
  });
  const urlOf = (user: string) =>
    `mongodb://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/?directConnection=true`;
  // The server allows creating the first user from this machine without a login.
  const first = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  const end = async () => {
    child.kill('SIGKILL');
    await child;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await first.db('admin').command({ createUser: 'root', pwd: password, roles: ['root'] });
  } catch (error) {
    await end();
    throw error;
  } finally {
    await first.close();
  }
  const root = await new MongoClient(urlOf('root')).connect();
  let users = 0;
  const urlWith = async (...roles: Document[]) => {
    const name = `user_${++users}`;
    await root.db('admin').command({ createUser: name, pwd: password, roles });
    return urlOf(name);
  };
  return {
    password,
    url: urlOf('root'),
    urlWith,
    urlFor: async (...privileges) => {
      const role = `role_${users}`;
      await root.db('admin').command({ createRole: role, privileges, roles: [] });
      return urlWith({ role, db: 'admin' });
    },
    reset: async () => {
      await root.db('product').dropDatabase();
    },
    stop: async () => {
      await root.close();
      await end();
    },
  };
}
