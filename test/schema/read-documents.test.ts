import { ObjectId, type CommandStartedEvent, type Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { documentKey } from '../../src/schema';
import { readSchema } from '../../src/database';
import { useDatabase } from '../support/database';

const database = useDatabase({ monitorCommands: true });
const shipped = new ObjectId('65f0c0ffee0123456789abcd');

beforeEach(async () => {
  await database.db.dropDatabase();
  const rows: Document[] = [
    { _id: shipped, name: 'starter' },
    { _id: 'text', at: new Date(0) },
    { name: "a person's" },
  ];
  await database.db.collection('presets').insertMany(rows);
  await database.db.collection('users').insertOne({ email: 'a@example.com' });
});

async function commandsOf(work: () => Promise<unknown>): Promise<Document[]> {
  const commands: Document[] = [];
  const listen = ({ command }: CommandStartedEvent) => commands.push(command);
  database.client.on('commandStarted', listen);
  await work();
  database.client.off('commandStarted', listen);
  return commands;
}

describe('Reference documents', () => {
  it('are read by their keys, and no other document is', async () => {
    const keys = [documentKey(shipped), documentKey('text'), documentKey('gone')];
    const { schema } = await readSchema(database.db, { documents: new Map([['presets', keys]]) });
    expect(schema['presets']?.documents).toEqual({
      [shipped.toHexString()]: { _id: { $oid: shipped.toHexString() }, name: 'starter' },
      '"text"': { _id: 'text', at: { $date: '1970-01-01T00:00:00Z' } },
    });
    expect(schema['users']?.documents).toEqual({});
  });

  it('are all that is ever looked for in a collection', async () => {
    const documents = new Map([['presets', [documentKey(shipped)]]]);
    const commands = await commandsOf(() => readSchema(database.db, { documents }));
    const finds = commands.filter((command) => 'find' in command || 'aggregate' in command);
    expect(finds.map(({ find, filter }) => [find, filter] as [unknown, unknown])).toEqual([
      ['presets', { _id: { $in: [shipped] } }],
    ]);
  });

  it('are not looked for at all where no keys are given', async () => {
    const commands = await commandsOf(() => readSchema(database.db));
    const names = new Set(commands.map((command) => Object.keys(command)[0]));
    expect(names).toEqual(new Set(['listCollections', 'listIndexes']));
  });
});
