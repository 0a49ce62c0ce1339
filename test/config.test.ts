import { format, inspect } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/database/environment';
import { MongoUrl } from '../src/support/mongo-url';
import type { SchemaError } from '../src/support/schema-error';

function problemsOf(variables: NodeJS.ProcessEnv): unknown {
  try {
    return readConfig(variables);
  } catch (error) {
    const { code, summary, why } = error as SchemaError;
    return { code, summary, why };
  }
}

const refused = (...lines: string[]) => ({
  code: 'USAGE',
  summary: 'The environment is invalid, so nothing was started',
  why: lines,
});
const noConnectionString =
  'MONGODB_URL is not a connection string: mongodb://host:27017/database, with special characters in a password %-encoded';

describe('An empty environment', () => {
  it.each([{}, { MONGODB_URL: '', MONGODB_DATABASE: '', SCHEMA_ALLOW_SHARDED: '', SCHEMA_ALLOW_DATA_LOSS: '' }])(
    'means the default database, no server and no permissions: %j',
    (variables) => {
      expect(readConfig(variables).url).toBeUndefined();
      expect(readConfig(variables)).toMatchObject({
        allowDataLoss: [],
        allowSharded: false,
      });
    },
  );
});

describe('The database', () => {
  it.each([
    ['the one that MONGODB_DATABASE names', 'mongodb://h/of_url', 'named', 'named'],
    ["else the one in the URL's path", 'mongodb://h/of_url?replicaSet=rs0', undefined, 'of_url'],
    ["else the one in the URL's path, decoded", 'mongodb://h/caf%C3%A9', undefined, 'café'],
    ['else none', 'mongodb://h/', undefined, undefined],
    ['none either, for a URL without a slash', 'mongodb://h', undefined, undefined],
  ])('is %s', (_title, url, database, expected) => {
    expect(readConfig({ MONGODB_URL: url, MONGODB_DATABASE: database }).database).toBe(expected);
  });

  it.each([
    ['a b', 'has a character that is not allowed in a database name'],
    ['a/b', 'has a character that is not allowed in a database name'],
    ['a.b', 'has a character that is not allowed in a database name'],
    ['admin', 'belongs to the server'],
    ['local', 'belongs to the server'],
    ['config', 'belongs to the server'],
    ['x'.repeat(64), 'is longer than 63 bytes'],
    ['é'.repeat(32), 'is longer than 63 bytes'],
  ])('cannot be %s', (name, problem) => {
    expect(problemsOf({ MONGODB_DATABASE: name })).toEqual(refused(`MONGODB_DATABASE ${problem}`));
  });

  it('may have a name of 63 bytes', () => {
    expect(readConfig({ MONGODB_DATABASE: 'x'.repeat(63) }).database).toBe('x'.repeat(63));
  });

  it('of the URL must not be one of the server, where users often are kept', () => {
    expect(problemsOf({ MONGODB_URL: 'mongodb://u:secret@h/admin' })).toEqual(
      refused(
        'MONGODB_URL names a database that belongs to the server; set MONGODB_DATABASE, and authSource in the URL if ' +
          'users are stored elsewhere',
      ),
    );
  });
});

describe('A connection string', () => {
  it.each([
    'mongodb://localhost',
    'mongodb://u:p%40ss@h1:1,h2:2/db?replicaSet=rs0&authSource=admin',
    'mongodb+srv://u:p@cluster.example.net/db?retryWrites=true&w=majority',
  ])('is taken as it is: %s', (url) => {
    expect(readConfig({ MONGODB_URL: url }).url?.reveal()).toBe(url);
  });

  it.each([
    'http://secret@h',
    'mongodb:/h',
    'mongodb://',
    'mongodb://user:secret',
    'mongodb://user:sec@ret@h/db',
    'mongodb://user:sec/ret@h/db',
    'mongodb://user:sec%zzret@h/db',
    'mongodb://h:99999/db',
    'mongodb://h/%E0%A4%A',
    'mongodb+srv://user:secret@h:27017',
  ])('that the driver would refuse is refused, and not repeated: %s', (url) => {
    expect(problemsOf({ MONGODB_URL: url })).toEqual(refused(noConnectionString));
  });

  it.each([
    ['tls=maybe', 'tls'],
    ['authSource=admin&tls=maybe&connectTimeoutMS=soon', 'tls, connectTimeoutMS'],
    ['authMechanism=secret', 'authMechanism'],
    ['replicaSet=rs0&serverSelectionTimeoutMS=secret', 'serverSelectionTimeoutMS'],
    ['tls=true&ssl=false', 'tls, ssl'],
    ['compressors=secret', 'compressors'],
    ['tls=', 'tls'],
  ])('with options of a wrong value is refused by their names alone: %s', (options, names) => {
    expect(problemsOf({ MONGODB_URL: `mongodb://u:secret@h/?${options}` })).toEqual(
      refused(`MONGODB_URL has options with an invalid value: ${names}`),
    );
  });

  it.each(['admin', 'local', 'a.b'])('may have any database in its path when another one is named: %s', (name) => {
    const config = readConfig({ MONGODB_URL: `mongodb://u:secret@h/${name}`, MONGODB_DATABASE: 'shop' });
    expect(config.database).toBe('shop');
    expect(config.url?.database).toBe(name);
  });

  it('of a trial server may have any database in its path', () => {
    const variables = { MONGODB_URL: 'mongodb://h/shop', MONGODB_VERIFY_URL: 'mongodb://u:secret@h/admin' };
    expect(readConfig(variables).verifyUrl?.database).toBe('admin');
  });

  it('with options that do not exist is refused by their names', () => {
    expect(problemsOf({ MONGODB_URL: 'mongodb://u:secret@h/?retryWrite=true' })).toEqual(
      refused('MONGODB_URL has options that do not exist: retrywrite'),
    );
    expect(problemsOf({ MONGODB_URL: 'mongodb://u:secret@h/?one=1&two=2' })).toEqual(
      refused('MONGODB_URL has options that do not exist: one, two'),
    );
  });
});

describe('A password in a file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const fileWith = (text: string) => {
    const file = path.join(folder, 'password');
    writeFileSync(file, text);
    return file;
  };

  it.each([
    ['secret', 'mongodb://u:secret@h/db'],
    ['secret\n', 'mongodb://u:secret@h/db'],
    ['p@ss/w:rd %\r\n', 'mongodb://u:p%40ss%2Fw%3Ard%20%25@h/db'],
  ])('goes into the connection string, without the end of its line: %j', (text, url) => {
    expect(readConfig({ MONGODB_URL: 'mongodb://u@h/db', MONGODB_PASSWORD_FILE: fileWith(text) }).url?.reveal()).toBe(
      url,
    );
  });

  const noUser = 'MONGODB_PASSWORD_FILE needs a MONGODB_URL with a user: mongodb://user@host:27017/database';
  it.each([
    [undefined, 'secret', noUser],
    ['mongodb://h/db', 'secret', noUser],
    [
      'mongodb://u:other@h/db',
      'secret',
      'MONGODB_PASSWORD_FILE gives a password, but MONGODB_URL contains one too: remove one of them',
    ],
    ['mongodb://u@h/db', '\n', `MONGODB_PASSWORD_FILE names an empty file: ${path.join(folder, 'password')}`],
  ])('is refused for the URL %s and the text %j', (url, text, problem) => {
    expect(problemsOf({ MONGODB_URL: url, MONGODB_PASSWORD_FILE: fileWith(text) })).toEqual(refused(problem));
  });

  it.each([
    ['\uFEFFsecret', 'utf8', 'begins with a byte order mark'],
    ['\uFEFFsecret', 'utf16le', 'in UTF-16'],
    ['secret', 'utf16le', 'in UTF-16'],
    ['sécret', 'latin1', 'is not text in UTF-8'],
    ['x'.repeat(5_000_000), 'utf8', 'of 5000000 bytes, which cannot be a password'],
  ] as const)('of another form is refused at once: %.10j in %s', (text, encoding, problem) => {
    const file = fileWith('');
    writeFileSync(file, text, encoding);
    const told = JSON.stringify(problemsOf({ MONGODB_URL: 'mongodb://u@h/db', MONGODB_PASSWORD_FILE: file }));
    expect(told).toContain(problem);
    expect(told).not.toContain('cret');
  });

  it('that cannot be read is named, beside every other problem', () => {
    const variables = {
      MONGODB_URL: 'mongodb://u@h',
      MONGODB_PASSWORD_FILE: '/nowhere/at/all',
      MONGODB_DATABASE: 'a b',
    };
    expect(problemsOf(variables)).toEqual(
      refused(
        'MONGODB_DATABASE has a character that is not allowed in a database name',
        "MONGODB_PASSWORD_FILE names a file that cannot be read: ENOENT: no such file or directory, open '/nowhere/at/all'",
      ),
    );
  });
});

describe('The permissions', () => {
  it('to lose data are names, with commas between them and with or without .ts', () => {
    expect(readConfig({ SCHEMA_ALLOW_DATA_LOSS: ' a.ts, b ,,' }).allowDataLoss).toEqual(['a.ts', 'b.ts']);
  });

  it.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
  ])('for a sharded cluster: %s', (value, allowed) => {
    expect(readConfig({ SCHEMA_ALLOW_SHARDED: value }).allowSharded).toBe(allowed);
  });
});

describe('The lease', () => {
  it.each([
    [undefined, 30],
    ['', 30],
    ['10', 10],
    ['30', 30],
  ])('lasts, for SCHEMA_LEASE_SECONDS %j, so many seconds: %d', (value, seconds) => {
    expect(readConfig({ SCHEMA_LEASE_SECONDS: value }).leaseSeconds).toBe(seconds);
  });

  it.each(['2', '9', '31', '12.5', 'soon'])('lasts no %s seconds', (value) => {
    const expected = { code: 'USAGE', why: [expect.stringContaining('SCHEMA_LEASE_SECONDS ') as string] };
    expect(() => readConfig({ SCHEMA_LEASE_SECONDS: value })).toThrow(expect.objectContaining(expected));
  });
});

describe('The other variables', () => {
  it('are read as they are, and absent when they are not set', () => {
    const variables = {
      MONGODB_VERIFY_URL: 'mongodb://trial/',
      SCHEMA_COMMIT: 'abc123',
      SCHEMA_MIGRATIONS: 'their/migrations',
      SCHEMA_FOLDER: 'their/schema',
    };
    const read = {
      commit: 'abc123',
      migrations: 'their/migrations',
      schemaFolder: 'their/schema',
    };
    expect(readConfig(variables)).toMatchObject(read);
    expect(readConfig(variables).verifyUrl?.reveal()).toBe('mongodb://trial/');
    expect(readConfig({})).toStrictEqual({
      allowDataLoss: [],
      allowSharded: false,
      leaseSeconds: 30,
    });
  });
});

describe('A wrong environment', () => {
  it('is refused with every problem at once', () => {
    const variables = { MONGODB_URL: 'mongodb:/u:secret@h', MONGODB_DATABASE: 'a b', SCHEMA_ALLOW_SHARDED: 'yes' };
    expect(problemsOf(variables)).toEqual(
      refused(
        noConnectionString,
        'MONGODB_DATABASE has a character that is not allowed in a database name',
        'SCHEMA_ALLOW_SHARDED must be 1 or 0',
      ),
    );
  });
});

it('A connection string shows no user and no password wherever it is printed', () => {
  const url = new MongoUrl('mongodb://somebody:top%40secret@h1:1,h2:2/db?tls=true');
  const printed = [String(url), JSON.stringify({ url }), inspect(url), inspect({ target: { url } }), format('%o', url)];
  for (const text of printed) {
    expect(text).not.toMatch(/somebody|secret/);
    expect(text).toContain('@h1:1,h2:2/db?tls=true');
  }
});

describe('A connection string of one member', () => {
  it.each([
    [
      'of a set',
      'mongodb://u:p%40@h1,h2:2/db?replicaSet=rs0&tls=true&authSource=a&directConnection=false',
      'mongodb://u:p%40@h3:3/db?tls=true&authSource=a&directConnection=true',
    ],
    [
      'of a set that DNS names, with what that stands for',
      'mongodb+srv://u:p@h/db?srvMaxHosts=2&appName=w',
      'mongodb://u:p@h3:3/db?appName=w&tls=true&authSource=admin&directConnection=true',
    ],
    [
      'of one that says otherwise',
      'mongodb+srv://h/?ssl=false&authSource=b',
      'mongodb://h3:3/?ssl=false&authSource=b&directConnection=true',
    ],
  ])('has the same login and options: %s', (_title, text, member) => {
    expect(new MongoUrl(text).atMember('h3:3', 'admin').reveal()).toBe(member);
  });
});

describe('Options in a connection string', () => {
  it('that migrations set themselves are left out, and named', () => {
    const options = ['w=1', 'journal=false', 'wtimeoutMS=1', 'readPreference=secondary', 'maxStalenessSeconds=120'];
    const others = ['readConcernLevel=local', 'socketTimeoutMS=1', 'READPREFERENCETAGS=dc:a'];
    const url = new MongoUrl(`mongodb://u:p@h/db?${[...options, ...others].join('&')}&tls=true`);
    expect(url.withoutOverridden().reveal()).toBe('mongodb://u:p@h/db?tls=true');
    expect(url.overridden).toEqual([...options, ...others].map((option) => option.split('=')[0]));
  });

  it('of other kinds stay', () => {
    const text = 'mongodb+srv://u:p%40@h/db?authSource=admin&retryWrites=false&appName=w';
    const url = new MongoUrl(text);
    expect(url.withoutOverridden().reveal()).toBe(text);
    expect(url.overridden).toEqual([]);
  });
});
