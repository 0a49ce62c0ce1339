import { MongoClient, type CommandStartedEvent, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runMigration } from '../../src/execute';
import { discardServer, startEmbedded, type RunningServer } from '../../src/mongod';
import { uniqueName } from '../support/database';
import { fixture } from '../support/fixture';
import { sessionOn } from '../support/migrations';
import { TEST_ARGS } from '../support/server';

const writes = new Set([
  'create',
  'createIndexes',
  'collMod',
  'delete',
  'drop',
  'dropIndexes',
  'insert',
  'renameCollection',
  'update',
]);
const bounded = new Set(['collMod', 'drop', 'dropIndexes', 'renameCollection']);

/** The writing commands that going all the way up, and down again, sends. */
async function commandsOfReplay(url: string): Promise<{ up: CommandStartedEvent[]; down: CommandStartedEvent[] }> {
  const client = new MongoClient(url, { monitorCommands: true });
  const sent: CommandStartedEvent[] = [];
  client.on('commandStarted', (event) => writes.has(event.commandName) && sent.push(event));
  const db: Db = client.db(uniqueName());
  try {
    const session = await sessionOn(db);
    for (const migration of fixture.migrations) await runMigration(session, migration, 'up');
    const up = sent.splice(0);
    for (const migration of fixture.migrations.toReversed()) await runMigration(session, migration, 'down');
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

  it('every write names the UUID of its collection, but the one that makes it', () => {
    const made = new Set<unknown>();
    for (const { commandName, command } of [...commands.up, ...commands.down]) {
      if (commandName === 'create') continue;
      expect(command, commandName).toHaveProperty('collectionUUID');
      made.add(commandName);
    }
    expect(made).toEqual(new Set([...writes].filter((name) => name !== 'create' && name !== 'update')));
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
    expect(new Set(limited.map(({ commandName }) => commandName))).toEqual(bounded);
    for (const { command } of limited) expect(command).toMatchObject({ maxTimeMS: 5_000 });
  });

  it('the indexes that one migration gives a collection are one command', () => {
    const perMigration = fixture.migrations.map(
      ({ changes }) =>
        new Set(changes.filter(({ kind }) => kind.startsWith('index')).map(({ place }) => place.collection)).size,
    );
    const expected = perMigration.reduce((sum, collections) => sum + collections, 0);
    expect(commands.up.filter(({ commandName }) => commandName === 'createIndexes')).toHaveLength(expected);
  });
});

describe('On a standalone', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startEmbedded({ replicaSet: false, args: TEST_ARGS });
  });
  afterAll(() => discardServer(server));

  it('goes all the way up and down, with no commit quorum, which a standalone refuses', async () => {
    const { up, down } = await commandsOfReplay(server.url);
    expectMajority(up);
    expectMajority(down);
    expect(up.filter(({ command }) => 'commitQuorum' in command)).toEqual([]);
  });
});
