import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, withoutOverridden } from '../src/config';

function problemsOf(variables: NodeJS.ProcessEnv): unknown {
  try {
    return readConfig(variables);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, lines: message.split('\n') };
  }
}

const refused = (...lines: string[]) => ({
  code: 'USAGE',
  lines: ['The environment is wrong, so nothing was started.', ...lines.map((line) => `  ${line}`)],
});
const noConnectionString =
  'MONGODB_URL is no connection string: mongodb://host:27017/database, with special characters in a password %-encoded';

describe('An empty environment', () => {
  it.each([{}, { MONGODB_URL: '', MONGODB_DATABASE: '', SCHEMA_ALLOW_SHARDED: '', SCHEMA_ALLOW_DATA_LOSS: '' }])(
    'means the default database, no server and no permissions: %j',
    (variables) => {
      expect(readConfig(variables).url).toBeUndefined();
      expect(readConfig(variables)).toMatchObject({
        database: 'sentimatrix_studio',
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
    ['else sentimatrix_studio', 'mongodb://h/', undefined, 'sentimatrix_studio'],
    ['else sentimatrix_studio, for a URL without a slash', 'mongodb://h', undefined, 'sentimatrix_studio'],
  ])('is %s', (_title, url, database, expected) => {
    expect(readConfig({ MONGODB_URL: url, MONGODB_DATABASE: database }).database).toBe(expected);
  });

  it.each([
    ['a b', 'has a character that a database name cannot have'],
    ['a/b', 'has a character that a database name cannot have'],
    ['a.b', 'has a character that a database name cannot have'],
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
        'MONGODB_URL names a database that belongs to the server; set MONGODB_DATABASE, and authSource in the URL where ' +
          'users are kept elsewhere',
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
    expect(readConfig({ MONGODB_URL: url }).url).toBe(url);
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
    'mongodb://user:secret@h/?tls=maybe',
  ])('that the driver would refuse is refused, and not repeated: %s', (url) => {
    expect(problemsOf({ MONGODB_URL: url })).toEqual(refused(noConnectionString));
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
    expect(readConfig({ MONGODB_URL: 'mongodb://u@h/db', MONGODB_PASSWORD_FILE: fileWith(text) }).url).toBe(url);
  });

  const noUser = 'MONGODB_PASSWORD_FILE needs a MONGODB_URL that names the user: mongodb://user@host:27017/database';
  it.each([
    [undefined, 'secret', noUser],
    ['mongodb://h/db', 'secret', noUser],
    [
      'mongodb://u:other@h/db',
      'secret',
      'MONGODB_PASSWORD_FILE gives a password, and MONGODB_URL holds one as well: leave one of them out',
    ],
    ['mongodb://u@h/db', '\n', `MONGODB_PASSWORD_FILE names an empty file: ${path.join(folder, 'password')}`],
  ])('is refused for the URL %s and the text %j', (url, text, problem) => {
    expect(problemsOf({ MONGODB_URL: url, MONGODB_PASSWORD_FILE: fileWith(text) })).toEqual(refused(problem));
  });

  it('that cannot be read is named, beside every other problem', () => {
    const variables = {
      MONGODB_URL: 'mongodb://u@h',
      MONGODB_PASSWORD_FILE: '/nowhere/at/all',
      MONGODB_DATABASE: 'a b',
    };
    expect(problemsOf(variables)).toEqual(
      refused(
        'MONGODB_DATABASE has a character that a database name cannot have',
        "MONGODB_PASSWORD_FILE names a file that cannot be read: ENOENT: no such file or directory, open '/nowhere/at/all'",
      ),
    );
  });
});

describe('The permissions', () => {
  it('to lose data are names, with commas between them', () => {
    expect(readConfig({ SCHEMA_ALLOW_DATA_LOSS: ' a.ts, b.ts ,,' }).allowDataLoss).toEqual(['a.ts', 'b.ts']);
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

describe('A wrong environment', () => {
  it('is refused with every problem at once', () => {
    const variables = { MONGODB_URL: 'mongodb:/u:secret@h', MONGODB_DATABASE: 'a b', SCHEMA_ALLOW_SHARDED: 'yes' };
    expect(problemsOf(variables)).toEqual(
      refused(
        noConnectionString,
        'MONGODB_DATABASE has a character that a database name cannot have',
        'SCHEMA_ALLOW_SHARDED is neither 1 nor 0',
      ),
    );
  });
});

describe('Options in a connection string', () => {
  it('that migrations set themselves are left out, and named', () => {
    const options = ['w=1', 'journal=false', 'wtimeoutMS=1', 'readPreference=secondary', 'maxStalenessSeconds=120'];
    const others = ['readConcernLevel=local', 'socketTimeoutMS=1', 'READPREFERENCETAGS=dc:a'];
    const { url, dropped } = withoutOverridden(`mongodb://u:p@h/db?${[...options, ...others].join('&')}&tls=true`);
    expect(url).toBe('mongodb://u:p@h/db?tls=true');
    expect(dropped).toEqual([...options, ...others].map((option) => option.split('=')[0]));
  });

  it('of other kinds stay', () => {
    const url = 'mongodb+srv://u:p%40@h/db?authSource=admin&retryWrites=false&appName=w';
    expect(withoutOverridden(url)).toEqual({ url, dropped: [] });
  });
});
