import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deploy, unlock } from '../../src/deploy';
import { startHere } from '../support/schema-command';
import { projectFolder } from '../support/project-folder';
import { usePlainProject } from './plain-project';

const project = usePlainProject();
const [first, second] = ['20260101000000-writes.ts', '20260102000000-more.ts'] as const;
const driver = path.join(projectFolder, 'node_modules', 'mongodb');
const begun = () => project.db.collection('begun').countDocuments();

/** Writes again and again until it may no longer. */
const endless = `export async function up(db) {
  for (;;) {
    await db.collection('begun').insertOne({});
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
export async function down() {}`;

describe('A plain migration', () => {
  it('is not begun again by the run that lost its connection meanwhile, but by the next one', async () => {
    // The driver's own error: what a connection that is cut makes of a write.
    const lost = `throw new (require('${driver}').MongoNetworkError)('connection 7 closed');`;
    const text = (more: string) =>
      `export async function up(db) { await db.collection('begun').insertOne({}); ${more} }`;
    await project.write(first, text(lost));
    const { exitCode, stderr } = await project.schema('deploy');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The connection was lost while `up` ran');
    expect(stderr).toContain('`deploy` runs the migration again from the start');
    expect(stderr).not.toContain('`down`');
    expect(stderr).not.toContain('trying again');
    expect(await begun()).toBe(1);
    expect(await project.states()).toEqual(['failed']);
    await project.write(first, text(''));
    await project.done('deploy');
    expect(await begun()).toBe(2);
  });

  it('ends with LOCKED when the lease is lost, writes no more on its client, and the run says that it had begun', async () => {
    await project.write(first, endless);
    const env = { ...project.env, SCHEMA_LEASE_SECONDS: '10' };
    const run = startHere(project, ['deploy'], env);
    onTestFinished(async () => {
      await run.ended;
    });
    await expect.poll(begun, { timeout: 20_000 }).toBeGreaterThan(2);
    const target = { url: project.env['MONGODB_URL'] ?? '', database: project.name, folder: project.folder };
    await unlock({ ...target, force: true });
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(3);
    expect(stderr).toContain('its `up` began, and may still be writing');
    expect(stderr).toContain('`rollback --steps 1` runs `down`');
    await sleep(200);
    const written = await begun();
    await sleep(500);
    expect(await begun()).toBe(written);
    expect(await project.recorded()).toEqual([]);
    expect(await project.told()).toContain(`started up ${first}`);
  });

  it('that comes to its end is recorded also when the run was told to stop meanwhile', async () => {
    await project.write(
      first,
      `export async function up(db) { await db.collection('begun').insertOne({}); await new Promise((resolve) => setTimeout(resolve, 700)); }`,
    );
    await project.write(second, endless);
    const controller = new AbortController();
    const target = { url: project.env['MONGODB_URL'] ?? '', database: project.name, folder: project.folder };
    const run = deploy({ ...target, signal: controller.signal }).catch((error: unknown) => error);
    await expect.poll(begun, { timeout: 20_000, interval: 20 }).toBe(1);
    controller.abort();
    expect(await run).toMatchObject({ code: 'ABORTED', left: [second] });
    expect(await project.recorded()).toEqual([first]);
    expect(await project.states()).toEqual(['applied', 'pending']);
  });
});
