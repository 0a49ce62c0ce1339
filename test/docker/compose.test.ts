import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runsInCI } from '../../src/support/process-env';
import { projectFolder } from '../support/project-folder';
import { composeImage } from '../support/server';
import { userNames } from './users';

type Volume = string | { readonly source: string; readonly target: string; readonly read_only?: boolean };
interface Service {
  readonly image?: string;
  readonly ports?: readonly (string | { readonly host_ip?: string })[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: unknown;
  readonly entrypoint?: unknown;
  readonly restart?: string;
  readonly user?: string;
  readonly build?: { readonly args?: Readonly<Record<string, string>>; readonly target?: string };
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly Volume[];
}
interface Composed {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'compose-'));
  await cp(path.join(projectFolder, 'docker'), path.join(folder, 'docker'), {
    recursive: true,
    filter: (file) => !file.endsWith('.txt'),
  });
  await cp(path.join(projectFolder, 'scripts'), path.join(folder, 'scripts'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

const read = (name: string) => readFile(path.join(projectFolder, 'docker', name), 'utf8');
const base = ['docker-compose.yml'];
const withReplica = [...base, 'docker-compose.replica.yml'];
const compose = findCompose();

/** The command that reads compose files; it needs no engine for that. Undefined, and said so, where there is none. */
function findCompose(): readonly string[] | undefined {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const [file = '', ...args] = command;
    if (execaSync(file, [...args, 'version'], { reject: false }).exitCode === 0) return command;
  }
  const message = 'There is no docker-compose here, so the compose files are NOT TESTED.';
  if (runsInCI(process.env)) throw new Error(message);
  console.error(message);
  return undefined;
}

/** The files as compose understands them. */
async function composed(files: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Composed> {
  const [file = '', ...first] = compose ?? [];
  const named = files.flatMap((name) => ['-f', path.join(folder, 'docker', name)]);
  const profiles = ['--profile', 'backup', '--profile', 'tools'];
  const { stdout } = await execa(file, [...first, ...named, ...profiles, 'config'], { cwd: folder, env });
  return parse(stdout) as Composed;
}

/** A volume, which compose shows as one line or in parts, as its version is. */
function mounted(volume: Volume) {
  if (typeof volume !== 'string') {
    const { source, target, read_only: isReadOnly = false } = volume;
    return { source, target, isReadOnly };
  }
  const [source, target, mode] = volume.split(':');
  return { source, target, isReadOnly: mode === 'ro' };
}

const makeSecrets = () => execa(path.join(folder, 'scripts', 'make_secrets.sh'));

describe.skipIf(compose === undefined)('The compose files', () => {
  let plain: Composed;
  let replica: Composed;
  beforeAll(async () => {
    [plain, replica] = await Promise.all([composed(base), composed(withReplica)]);
  });

  it('publish ports on this machine alone', () => {
    for (const { services } of [plain, replica]) {
      const ports = Object.values(services).flatMap((service) => service.ports ?? []);
      const hosts = ports.map((port) => (typeof port === 'string' ? port.replace(/:\d+:\d+.*$/, '') : port.host_ip));
      expect(hosts).toEqual(['127.0.0.1', '127.0.0.1']);
    }
  });

  it('hold no password: each one comes from a file that is made by make_secrets.sh', async () => {
    const { stdout } = await makeSecrets();
    const made = [...stdout.matchAll(/made +(\S+)/g)].map(([, name = '']) => path.join(folder, name)).sort();
    const files = [
      ...new Set([plain, replica].flatMap(({ secrets }) => Object.values(secrets).map(({ file }) => file))),
    ];
    expect(files.sort()).toEqual(made);
    for (const { services } of [plain, replica]) {
      const variables = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment));
      const passwords = variables.filter(([name]) => name.includes('PASSWORD'));
      expect(passwords.length).toBeGreaterThan(userNames.length);
      for (const variable of passwords) {
        expect(variable).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/run\/secrets\//)]);
      }
      const urls = variables.filter(([name]) => name.includes('URL'));
      expect(urls.length).toBeGreaterThan(0);
      for (const [, url] of urls) expect(url).toMatch(/^mongodb:\/\/\w+@mongodb:27017\//);
    }
  });

  it('name the image once, and use it for the server and for the backups', async () => {
    const image = await composeImage();
    expect((await read('docker-compose.yml')).split(image)).toHaveLength(2);
    for (const file of ['docker-compose.replica.yml', 'Dockerfile', 'mongo-init.js'])
      expect(await read(file)).not.toContain(image);
    expect(plain.services['mongodb']?.image).toBe(image);
    expect(plain.services['backup']?.build?.args).toMatchObject({ MONGO_IMAGE: image });
  });

  it('keep the data of a server that starts again by itself, is looked after, and takes half a gigabyte', () => {
    const { mongodb } = plain.services;
    expect(mongodb).toMatchObject({
      container_name: 'sentimatrix-mongodb',
      restart: 'unless-stopped',
      environment: { MONGO_INITDB_DATABASE: 'sentimatrix_studio' },
      healthcheck: {
        test: ['CMD', 'mongosh', '--quiet', '--eval', "db.adminCommand('ping')"],
        interval: '10s',
        timeout: '5s',
        retries: 5,
      },
    });
    expect([mongodb?.command].flat().join(' ')).toBe('mongod --wiredTigerCacheSizeGB 0.5');
    expect(mongodb?.volumes?.map(mounted)).toEqual([
      { source: 'mongodb_data', target: '/data/db', isReadOnly: false },
      {
        source: path.join(folder, 'docker', 'mongo-init.js'),
        target: '/docker-entrypoint-initdb.d/mongo-init.js',
        isReadOnly: true,
      },
    ]);
  });

  it('give the server the file of each user that mongo-init.js makes', () => {
    expect(plain.services['mongodb']?.environment).toEqual({
      MONGO_INITDB_DATABASE: 'sentimatrix_studio',
      MONGO_INITDB_ROOT_USERNAME: 'root',
      MONGO_INITDB_ROOT_PASSWORD_FILE: '/run/secrets/root_password',
      ...Object.fromEntries(
        userNames.map((user) => [`${user.toUpperCase()}_PASSWORD_FILE`, `/run/secrets/${user}_password`]),
      ),
    });
  });

  it('let mongo-express wait for the server, with secrets of its own for cookies and sessions', () => {
    const { environment, entrypoint } = plain.services['mongo-express'] ?? {};
    expect(environment).toMatchObject({ ME_CONFIG_MONGODB_SERVER: 'mongodb' });
    const script = [entrypoint].flat().join(' ');
    for (const name of ['COOKIESECRET', 'SESSIONSECRET'])
      expect(script).toMatch(
        new RegExp(`export ME_CONFIG_SITE_${name}="\\$\\$\\(cat /proc/sys/kernel/random/uuid\\)"`),
      );
  });

  it('lay the replica set over the server, and leave the rest', () => {
    const { mongodb, ...others } = replica.services;
    expect([mongodb?.command].flat().join(' ')).toContain('--replSet rs0 --keyFile');
    expect(mongodb?.healthcheck).toMatchObject({
      ...plain.services['mongodb']?.healthcheck,
      test: expect.any(Array) as unknown,
    });
    const { mongodb: _server, migrate: _migrate, ...unchanged } = plain.services;
    expect(others).toMatchObject(unchanged);
  });

  it('take the user and the time of the backups from the environment', async () => {
    const { backup } = (await composed(base, { BACKUP_USER: '7:8', BACKUP_AT: '23:15' })).services;
    expect(backup).toMatchObject({
      user: '7:8',
      environment: { BACKUP_AT: '23:15', BACKUP_RETENTION_DAYS: expect.anything() as unknown },
    });
  });
});

describe('make_secrets.sh', () => {
  it('makes secrets in a folder that nobody else can enter, and never touches one that is there', async () => {
    await rm(path.join(folder, 'docker', 'secrets'), { recursive: true });
    await makeSecrets();
    const secrets = path.join(folder, 'docker', 'secrets');
    expect((await stat(secrets)).mode & 0o777).toBe(0o700);
    const file = path.join(secrets, 'root_password.txt');
    const before = await readFile(file, 'utf8');
    expect(before).toMatch(/^[A-Za-z0-9]{32}\n$/);
    await rm(path.join(secrets, 'monitor_password.txt'));
    const { stdout } = await makeSecrets();
    expect(stdout.match(/^made .*$/gm)).toEqual(['made  docker/secrets/monitor_password.txt']);
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});
