import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { execa } from 'execa';
import { MongoError } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { close, connect, type ConnectionErrorCode } from '../../src';
import { openTlsForwarder, urlWith } from '../support/forwarder';
import { freePort } from '../support/free-port';
import { projectFolder } from '../support/project-folder';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { typeScript } from '../support/type-script';

afterEach(() => close());

const failingSoon = { serverSelectionTimeoutMS: '600' };
const secret = 'zq7 secret';

interface Refusal {
  readonly code: ConnectionErrorCode;
  readonly message: string;
}

/** Connects with a password in the string, and sees to it that none is shown, however deep one looks. */
async function refusalOf(url: string): Promise<Refusal> {
  const error: unknown = await connect({ url, database: 'product' }).then(
    () => new Error('it connected'),
    (reason: unknown) => reason,
  );
  const { code, message, cause } = error as Error & Refusal;
  const shown = inspect(error, { depth: Infinity, showHidden: true });
  expect(shown).not.toContain(secret);
  expect(shown).not.toContain(encodeURIComponent(secret));
  expect(cause, message).toBeInstanceOf(Error);
  expect(message).toMatch(/^Cannot connect to MongoDB \(\w+\)\n {2}why {4}at .*\n {2}fix {4}\w/);
  return { code, message };
}

function withLogin(url: string): string {
  const parsed = new ConnectionString(url);
  parsed.username = 'somebody';
  parsed.password = encodeURIComponent(secret);
  return parsed.toString();
}

describe('A connection that cannot be made: the message says what, where and the fix', () => {
  it('a host that does not exist', async () => {
    const { code, message } = await refusalOf(withLogin(urlWith(failingSoon, 'nowhere.invalid:27018')));
    expect(code).toBe('HOST_NOT_FOUND');
    expect(message).toMatch(/at nowhere\.invalid:27018, there is no such host \(\w+\)\n {2}fix {4}correct the host/);
  });

  it('a name without records, where the string asks for them', async () => {
    const url = `mongodb+srv://somebody:${encodeURIComponent(secret)}@cluster.nowhere.invalid/?serverSelectionTimeoutMS=600`;
    const { code, message } = await refusalOf(url);
    expect(code).toBe('HOST_NOT_FOUND');
    expect(message).toContain('at cluster.nowhere.invalid');
  });

  it('a port on which nothing listens', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const { code, message } = await refusalOf(withLogin(urlWith(failingSoon, host)));
    expect(code).toBe('CONNECTION_REFUSED');
    expect(message).toContain(`at ${host}, nothing listens there (ECONNREFUSED)\n  fix    start the server`);
  });

  it('several hosts, each with its own reason', async () => {
    const port = await freePort();
    const { message } = await refusalOf(
      `mongodb://somebody:${encodeURIComponent(secret)}@nowhere.invalid,127.0.0.1:${port}/?serverSelectionTimeoutMS=600`,
    );
    expect(message).toMatch(/at nowhere\.invalid:27017, there is no such host/);
    expect(message).toContain(`at 127.0.0.1:${port}, nothing listens there`);
  });

  it('another replica set, by its name', async () => {
    const options = { ...failingSoon, replicaSet: 'other', directConnection: 'false' };
    const { code, message } = await refusalOf(urlWith(options));
    expect(code).toBe('WRONG_REPLICA_SET');
    expect(message).toMatch(
      /belongs to the replica set "(\w+)", but MONGODB_URL names "other"\n {2}fix {4}set replicaSet=\1/,
    );
  });

  describe('with a server that has users', () => {
    let server: ServerWithUsers;
    beforeAll(async () => {
      server = await startWithUsers();
    });
    afterAll(() => server.stop());

    it.each([
      ['a wrong password', {}],
      ['a user who is kept elsewhere', { authSource: 'elsewhere' }],
      ['a mechanism that the server does not offer', { authMechanism: 'PLAIN', authSource: '$external' }],
    ])('%s', async (_, options: Record<string, string>) => {
      const url = new ConnectionString(withLogin(server.url));
      for (const [name, value] of Object.entries(options)) url.searchParams.set(name, value);
      const { code, message } = await refusalOf(url.toString());
      expect(code).toBe('AUTHENTICATION_FAILED');
      expect(message).toContain(
        `at ${url.hosts.join()}, the server refuses the login\n  fix    correct user and password`,
      );
    });

    it('none of it, for an application whose password is in the file that MONGODB_PASSWORD_FILE names', async () => {
      const url = new ConnectionString(server.url);
      const folder = await mkdtemp(path.join(tmpdir(), 'password-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = path.join(folder, 'password.txt');
      await writeFile(file, `${decodeURIComponent(url.password)}\n`, { mode: 0o600 });
      url.password = '';
      const application = `
        const { connect, close } = require(${JSON.stringify(path.join(projectFolder, 'src'))});
        connect().then((db) => db.command({ ping: 1 })).then(({ ok }) => console.log(ok)).finally(() => close());`;
      const { PATH = '' } = process.env;
      const env = { PATH, MONGODB_URL: url.toString(), MONGODB_PASSWORD_FILE: file };
      const { stdout } = await execa('node', [...typeScript, '-e', application], { env, extendEnv: false });
      expect(stdout).toBe('1');
    });

    it('a replica set, where the server is in none', async () => {
      const url = new ConnectionString(server.url);
      url.searchParams.set('directConnection', 'false');
      url.searchParams.set('replicaSet', 'other');
      url.searchParams.set('serverSelectionTimeoutMS', '600');
      const { code, message } = await refusalOf(url.toString());
      expect(code).toBe('WRONG_REPLICA_SET');
      expect(message).toContain('belongs to no replica set');
    });
  });

  describe('with a server behind TLS', () => {
    let folder: string;
    let tls: { key: string; cert: string };
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'tls-'));
      const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
      });
      tls = { key, cert };
      await writeFile(path.join(folder, 'ca.pem'), cert);
    });
    afterAll(() => rm(folder, { recursive: true }));
    const urlThrough = (port: number, options = {}) =>
      withLogin(urlWith({ ...failingSoon, ...options }, `localhost:${port}`));

    it('a client without TLS', async () => {
      const { code, message } = await refusalOf(urlThrough(await openTlsForwarder(tls)));
      expect(code).toBe('TLS_FAILED');
      expect(message).toMatch(/at localhost:\d+, the server closes the connection .*\n {2}fix {4}add tls=true/);
    });

    it('a client that knows nobody who vouches for the certificate', async () => {
      const { code, message } = await refusalOf(urlThrough(await openTlsForwarder(tls), { tls: 'true' }));
      expect(code).toBe('TLS_FAILED');
      expect(message).toMatch(/certificate is self-signed \(\w+\)\n {2}fix {4}.*tlsCAFile=/);
    });

    it('a client that names the server otherwise than its certificate does', async () => {
      const options = { ...failingSoon, tls: 'true', tlsCAFile: path.join(folder, 'ca.pem') };
      const { code, message } = await refusalOf(urlWith(options, `127.0.0.1:${await openTlsForwarder(tls)}`));
      expect(code).toBe('TLS_FAILED');
      expect(message).toContain('belongs to another host name');
    });

    it('a client without the certificate that the server asks for', async () => {
      const port = await openTlsForwarder({ ...tls, requestCert: true, rejectUnauthorized: true, ca: [tls.cert] });
      const options = { tls: 'true', tlsCAFile: path.join(folder, 'ca.pem') };
      const { code, message } = await refusalOf(urlThrough(port, options));
      expect(code).toBe('TLS_FAILED');
      expect(message).toContain('tlsCertificateKeyFile');
    });

    it('a file of certificates that is not there', async () => {
      const options = { tls: 'true', tlsCAFile: path.join(folder, 'none.pem') };
      const { code, message } = await refusalOf(urlThrough(await openTlsForwarder(tls), options));
      expect(code).toBe('TLS_FAILED');
      expect(message).toContain('correct tlsCAFile');
    });

    it('a client with TLS, and a server without', async () => {
      const { code, message } = await refusalOf(urlWith({ ...failingSoon, tls: 'true' }));
      expect(code).toBe('TLS_FAILED');
      expect(message).toContain('the server does not use TLS');
    });

    it('none of it, for a client that trusts the certificate and names the server as it does', async () => {
      const options = { tls: 'true', tlsCAFile: path.join(folder, 'ca.pem') };
      const db = await connect({
        url: urlWith(options, `localhost:${await openTlsForwarder(tls)}`),
        database: 'product',
      });
      expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
    });
  });

  it('whatever else the driver says is passed on', async () => {
    const url = urlWith({ minPoolSize: '9', maxPoolSize: '3' });
    const error: unknown = await connect({ url, database: 'product' }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', cause: expect.any(MongoError) as MongoError });
  });
});
