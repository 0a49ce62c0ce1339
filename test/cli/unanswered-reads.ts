import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../src/deploy';
import { useDatabase } from '../support/database';
import { startProxy } from '../support/proxy';
import { runSchema, type Ended } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

/** How long an answer is waited for in these tests, and how long a verb may take, in milliseconds. */
const limit = 400;
const patience = 8_000;

const verbs = [
  'status',
  'plan',
  'drift',
  'diff live head',
  'history',
  'baseline --dry-run',
  'deploy --dry-run',
  'rollback --steps 1 --dry-run',
  'health --once',
] as const;

/** To be called in a file. Each verb is tried once for each command that `choose` takes of the number that it sends. */
export function testUnansweredReads(choose: (commands: number) => readonly number[]): void {
  const database = useDatabase();
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      users: `createCollections('users')`,
      emails: `createIndexes('users', [${indexOn('email', 'unique: true')}])`,
    });
    const { url, name } = database;
    await deploy({ url, database: name, folder: project.folder, to: project.names[0] });
    await database.db.collection('users').insertOne({ email: 'ann@example.com' });
  });
  afterAll(() => project.remove());

  /** Runs a verb of which some commands get no answer. Resolves to how it ended, and how many it sent. */
  async function runLosing(verb: string, isLost: (command: number) => boolean) {
    let commands = 0;
    const proxy = await startProxy(database.url, () => (isLost(++commands) ? { swallow: 'reply' } : undefined));
    const env = { MONGODB_URL: `${proxy.url}&socketTimeoutMS=${limit}`, MONGODB_DATABASE: database.name };
    const started = performance.now();
    const ended = await runSchema(project, verb.split(' '), env);
    const lasted = performance.now() - started;
    await proxy.close();
    return { ended, commands, lasted };
  }

  const said = ({ stderr, stdout }: Ended) => `${stdout}\n${stderr}`;

  describe.concurrent.each(verbs)('%s', (verb) => {
    let usually: ReturnType<typeof runLosing> | undefined;
    const run = () => (usually ??= runLosing(verb, () => false));

    it('ends soon when one answer is lost, as it usually does or with a reason', { timeout: 120_000 }, async () => {
      const usual = await run();
      for (const lost of choose(usual.commands)) {
        const { ended, lasted } = await runLosing(verb, (command) => command === lost);
        expect(lasted).toBeLessThan(patience);
        if (ended.exitCode === usual.ended.exitCode) continue;
        expect(said(ended)).toMatch(/NO_ANSWER|CONNECTION_FAILED|no answer|disconnected/);
      }
    });

    it('says what was not answered when every answer is lost from some time on', async () => {
      const { commands } = await run();
      const isHealth = verb.startsWith('health');
      const { ended, lasted } = await runLosing(verb, (command) => isHealth || command >= commands);
      expect(lasted).toBeLessThan(patience);
      expect(ended.exitCode).toBe(1);
      const told = isHealth ? /no answer|disconnected/ : /did not answer \w+ of \S+ within 0\.4 s \(NO_ANSWER\)/;
      expect(said(ended)).toMatch(told);
    });
  });
}
