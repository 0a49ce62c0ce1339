import { describe, expect, it } from 'vitest';
import { accept } from '../../src/deploy';
import { drift } from '../../src/review';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const schema = (...args: string[]) => runSchema({ folder: history.folder }, args, serverEnvironment(history.name));
const acceptGone = async (name: string) => {
  await history.remove(name);
  await accept({ ...history.target, migration: name, reason: 'it lies in another repository now' });
};
const findings = async () =>
  (await drift(history.target)).findings.map(({ severity, kind, place }) => `${severity} ${kind}: ${place}`);
const line = (name: string) => `${name} was accepted as missing by `;

describe('A migration that was accepted as missing', () => {
  it('goes on being told by status, deploy and drift, and what it made is a notice', async () => {
    await history.deploy();
    await acceptGone(projects);
    const status = await schema('status');
    expect(status.exitCode).toBe(0);
    expect(status.stdout).toMatch(new RegExp(`\\n\\n${line(projects)}.*: it lies in another repository now\\.\\n`));
    const deployed = await schema('deploy', '--strict');
    expect(deployed.exitCode).toBe(0);
    expect(deployed.stderr.split('\n').filter((text) => text.includes('warning'))).toEqual([
      expect.stringContaining(`warning: ${line(projects)}`),
    ]);
    expect(documentOf(await schema('deploy', '--json'))).toMatchObject({ drift: [] });
    const drifted = await schema('drift');
    expect(drifted.exitCode).toBe(0);
    expect(drifted.stdout).toContain(line(projects));
    expect(await findings()).toEqual(['notice collection extra: collection projects']);
  });

  it('hides nothing that others changed elsewhere', async () => {
    await history.deploy();
    await acceptGone(projects);
    await history.db.createCollection('by_hand');
    await history.db.collection('users').dropIndex('email_1');
    expect((await findings()).filter((text) => text.startsWith('drift'))).toEqual([
      'drift collection extra: collection by_hand',
      'drift index missing: index users.email_1',
    ]);
    expect((await rejection(history.deploy({ strict: true }))).message).toMatch(
      /collection by_hand, index users\.email_1\./,
    );
  });

  it('is told no more once a migration makes the same, or its file is back', async () => {
    await history.deploy();
    await acceptGone(projects);
    const again = '20260104000000-projects_again.ts';
    await history.write(again, code.collection('projects'));
    await history.deploy();
    expect(await drift(history.target)).toMatchObject({ findings: [], accepted: [expect.stringContaining(projects)] });
    await history.remove(again);
    await accept({ ...history.target, migration: again, reason: 'a test' });
    await history.write(projects, code.collection('projects'));
    expect(await drift(history.target)).toMatchObject({ findings: [], accepted: [expect.stringContaining(again)] });
    expect((await schema('status')).stdout).not.toContain(line(projects));
  });

  it('whose work is an index of another collection excuses that index alone', async () => {
    await history.deploy();
    await acceptGone(emails);
    await history.db.collection('users').createIndex({ name: 1 });
    expect(await findings()).toEqual([
      'notice index extra: index users.email_1',
      'drift index extra: index users.name_1',
    ]);
  });

  it('of which no event tells what it made leaves that as drift, and says so', async () => {
    await history.deploy();
    await history.db.collection('schema_history').updateMany({ migration: projects }, { $unset: { changes: 1 } });
    await acceptGone(projects);
    const { findings: found, accepted } = await drift(history.target);
    expect(found.map(({ severity, kind }) => `${severity} ${kind}`)).toEqual(['drift collection extra']);
    expect(accepted).toEqual([expect.stringContaining('no event shows what it made, so that is reported as extra')]);
  });

  it('that later ones build on is named by drift, with what helps', async () => {
    await history.deploy();
    await acceptGone(users);
    const error = await rejection(drift(history.target));
    expect(error).toMatchObject({
      code: 'FOLD',
      fix: `restore the text of ${users} from version control: later migrations build on it`,
    });
    const { exitCode, stderr } = await schema('deploy');
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`warning: ${line(users)}`);
    expect(stderr).toContain('warning: The database cannot be compared with its migrations');
  });
});
