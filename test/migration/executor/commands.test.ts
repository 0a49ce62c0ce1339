import { MongoClient, type CommandStartedEvent, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runMigration } from '../../../src/migration';
import { startEmbedded, type RunningServer } from '../../../src/server';
import { uniqueName } from '../../support/database';
import { projectMigrations, sessionOn } from '../../support/migrations';

const writes = new Set(['create', 'createIndexes', 'collMod', 'drop', 'dropIndexes', 'insert', 'delete']);
const bounded = new Set(['collMod', 'drop', 'dropIndexes']);

/** The writing commands that going all the way up, and down again, sends. */
async function commandsOfReplay(url: string): Promise<{ up: CommandStartedEvent[]; down: CommandStartedEvent[] }> {
  const client = new MongoClient(url, { monitorCommands: true });
  const sent: CommandStartedEvent[] = [];
  client.on('commandStarted', (event) => writes.has(event.commandName) && sent.push(event));
  const db: Db = client.db(uniqueName());
  try {
    const session = await sessionOn(db);
    for (const migration of projectMigrations()) await runMigration(session, migration, 'up');
    const up = sent.splice(0);
    for (const migration of projectMigrations().toReversed()) await runMigration(session, migration, 'down');
    return { up, down: sent };
  } finally {
    await db.dropDatabase();
    await client.close();
  }
}

/** A collMod that names a collection and nothing to change: it waits until the collection can be had. */
function isProbe({ commandName, command }: CommandStartedEvent): boolean {
  return commandName === 'collMod' && !('validator' in command) && !('index' in command);
}

function expectMajority(commands: readonly CommandStartedEvent[]) {
  const writing = commands.filter((command) => !isProbe(command));
  expect(writing.length).toBeGreaterThan(0);
  for (const { command } of writing)
    expect(command).toMatchObject({ writeConcern: { w: 'majority', wtimeout: 30_000 } });
}

describe('On a replica set', () => {
  let commands: Awaited<ReturnType<typeof commandsOfReplay>>;
  beforeAll(async () => {
    commands = await commandsOfReplay(inject('mongodb').url);
  });

  it('every write waits for a majority', () => {
    expectMajority(commands.up);
    expectMajority(commands.down);
  });

  it('every index build commits by a majority', () => {
    const builds = commands.up.filter(({ commandName }) => commandName === 'createIndexes');
    expect(builds.length).toBeGreaterThan(0);
    for (const { command } of builds) expect(command).toMatchObject({ commitQuorum: 'majority' });
  });

  it('what only waits for a collection waits for no majority: it changes nothing that others must have', () => {
    const probes = commands.up.filter(isProbe);
    expect(probes.length).toBeGreaterThan(0);
    for (const { command } of probes) expect(command).toMatchObject({ writeConcern: { w: 1 } });
  });

  it('every command that waits for a lock has a time limit', () => {
    const limited = [...commands.up, ...commands.down].filter(({ commandName }) => bounded.has(commandName));
    expect(limited.length).toBeGreaterThan(0);
    for (const { command } of limited) expect(command).toMatchObject({ maxTimeMS: 5_000 });
  });

  it('the indexes that one migration gives a collection are one command', () => {
    const perMigration = projectMigrations().map(
      ({ changes }) => new Set(changes.filter(({ at }) => at[1] === 'indexes').map(({ at }) => at[0])).size,
    );
    const expected = perMigration.reduce((sum, collections) => sum + collections, 0);
    expect(commands.up.filter(({ commandName }) => commandName === 'createIndexes')).toHaveLength(expected);
  });
});

describe('On a standalone', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startEmbedded({ replicaSet: false });
  });
  afterAll(() => server.stop());

  it('goes all the way up and down, with no commit quorum, which a standalone refuses', async () => {
    const { up, down } = await commandsOfReplay(server.url);
    expectMajority(up);
    expectMajority(down);
    expect(up.filter(({ command }) => 'commitQuorum' in command)).toEqual([]);
  });
});
