import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { ObjectId } from 'mongodb';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collections } from '../../src';
import { probe } from '../health/probes';
import { useDatabase } from '../support/database';
import { freePort } from '../support/free-port';
import { deployProduct } from '../support/product';
import { projectFolder } from '../support/project-folder';
import { sample } from '../support/samples';
import { serverEnvironment } from '../support/schema-command';
import { typeScript } from '../support/type-script';

const { PATH = '', HOME = '' } = process.env;
const database = useDatabase();
beforeAll(() => deployProduct(database));

function startExample(env: Readonly<Record<string, string>>) {
  const args = ['-C', 'sentimatrix-sources', ...typeScript, 'examples/fastify-app/app.ts'];
  const child = execa('node', args, {
    cwd: projectFolder,
    env: { PATH, HOME, ...env },
    extendEnv: false,
    reject: false,
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
  });
  return child;
}

describe('The example application', () => {
  it('is short', async () => {
    const text = await readFile(path.join(projectFolder, 'examples', 'fastify-app', 'app.ts'), 'utf8');
    expect(text.split('\n').length).toBeLessThan(60);
  });

  it('serves the newest results of a project, answers probes, and ends 0 at SIGTERM', async () => {
    const { projects, results } = collections(database.db);
    const project = { ...sample('projects'), _id: new ObjectId() };
    await projects.insertOne(project);
    const dates = ['2026-11-02', '2026-11-03', '2026-11-01'].map((day) => new Date(day));
    await results.insertMany(
      dates.map((created_at) => ({ ...sample('results'), _id: new ObjectId(), project_id: project._id, created_at })),
    );
    await results.insertOne({ ...sample('results'), _id: new ObjectId() });

    const port = await freePort();
    const child = startExample({ ...serverEnvironment(database.name), PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    const ready = async () => (await probe(`${url}/health/db`).catch(() => undefined))?.status;
    await expect.poll(ready, { timeout: 40_000, interval: 100 }).toBe(200);

    const newest = await probe(`${url}/projects/${project._id.toHexString()}/results`);
    const text = 'Does what it says.';
    expect(JSON.parse(newest.text)).toEqual({
      project: project.name,
      results: ['2026-11-03', '2026-11-02', '2026-11-01'].map((day) => ({
        text,
        sentiment: null,
        created_at: `${day}T00:00:00.000Z`,
      })),
    });
    expect((await probe(`${url}/projects/${new ObjectId().toHexString()}/results`)).status).toBe(404);
    expect((await probe(`${url}/projects/nonsense/results`)).status).toBe(400);
    child.kill('SIGTERM');
    const { exitCode, stderr } = await child;
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('says what is wrong when it cannot connect, and ends 1', async () => {
    const { exitCode, stderr } = await startExample({
      MONGODB_URL: `mongodb://somebody:secret@127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=300`,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Cannot connect to MongoDB \(CONNECTION_REFUSED\)\n {2}why {4}at 127\.0\.0\.1:\d+, nothing listens there .*\n {2}fix {4}\w/,
    );
    expect(stderr).not.toContain('secret');
  });
});
