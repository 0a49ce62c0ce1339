import { MongoNetworkError, type Binary, type CommandStartedEvent, type MongoClient } from 'mongodb';
import { ownCollections } from '../schema/own-collections';
import { LostWrites } from './lost-writes';
import type { Progress } from './retry';

/** The commands that clients have sent to the server, and their results. */
export interface Traffic extends Progress {
  /** Returns the writes that were sent and not answered: `createIndexes of users`. Writes to the lease do not count. */
  unansweredWrites(): readonly string[];
  /** Returns whether a command that changes the schema was sent and not answered. */
  isChangingSchema(): boolean;
  /** Returns all unanswered commands that have a session. The driver's own commands have no session. */
  unanswered(): readonly Unanswered[];
  /** The writes that had no answer when the connection was lost. */
  readonly lost: LostWrites;
}

/** A command that was sent and not answered. */
export interface Unanswered {
  /** Identifies the command within this process. */
  readonly id: number;
  /** `createIndexes of users`. */
  readonly what: string;
  readonly isWrite: boolean;
  /** The session of the command, by which the server identifies it. */
  readonly session: Binary;
  /** When the command was sent, on this machine's monotonic clock. */
  readonly sentAt: number;
  /** The server's time limit for the command, in milliseconds; undefined when there is none. */
  readonly limit?: number;
}

const schemaCommands: ReadonlySet<string> = new Set([
  'collMod',
  'convertToCapped',
  'create',
  'createIndexes',
  'drop',
  'dropDatabase',
  'dropIndexes',
  'renameCollection',
]);
const dataCommands: ReadonlySet<string> = new Set([
  'bulkWrite',
  'commitTransaction',
  'delete',
  'findAndModify',
  'insert',
  'update',
]);

const commandsOfErrors = new WeakMap<Error, string>();

/** Returns the command that failed with an error: `createIndexes of users`; undefined when its client was not watched. */
export function commandOf(error: unknown): string | undefined {
  return error instanceof Error ? commandsOfErrors.get(error) : undefined;
}

/**
 * Watches the commands of a client, and of every client that is passed to `follow`. These clients must be created with the option
 * `monitorCommands`.
 */
export function watchTraffic(first: MongoClient): Traffic & { follow(client: MongoClient): void } {
  const sent = new Map<number, { readonly event: CommandStartedEvent; readonly sentAt: number }>();
  let [commands, writes] = [0, 0];
  const lost = new LostWrites(first);
  const follow = (client: MongoClient) => {
    lost.follow(client);
    client.on('commandStarted', (event) => {
      sent.set(event.requestId, { event, sentAt: performance.now() });
    });
    client.on('commandSucceeded', ({ requestId, reply }) => {
      const event = sent.get(requestId)?.event;
      sent.delete(requestId);
      // A write that reports errors is not progress, although the command succeeded.
      const { writeErrors, writeConcernError } = reply as Record<string, unknown>;
      if (event && countsAsWrite(event) && !writeErrors && !writeConcernError) {
        writes++;
        lost.succeeded(event);
      }
      commands++;
    });
    client.on('commandFailed', ({ requestId, failure }) => {
      const event = sent.get(requestId)?.event;
      sent.delete(requestId);
      if (!event) return;
      if (countsAsWrite(event) && failure instanceof MongoNetworkError)
        lost.lose(client, event, describeCommand(event));
      commandsOfErrors.set(failure, describeCommand(event));
    });
  };
  follow(first);
  const unansweredEvents = () => [...sent.values()].map(({ event }) => event).filter(countsAsWrite);
  return {
    follow,
    get commands() {
      return commands;
    },
    get writes() {
      return writes;
    },
    lost,
    unansweredWrites: () => [...new Set(unansweredEvents().map(describeCommand))],
    isChangingSchema: () => unansweredEvents().some(({ commandName }) => schemaCommands.has(commandName)),
    unanswered: () =>
      [...sent.values()].flatMap(({ event, sentAt }): Unanswered[] => {
        const { lsid, maxTimeMS } = event.command as { lsid?: { id?: Binary }; maxTimeMS?: unknown };
        if (!lsid?.id) return [];
        const { requestId: id } = event;
        const known = { id, what: describeCommand(event), isWrite: isWrite(event), session: lsid.id, sentAt };
        return [{ ...known, ...(typeof maxTimeMS === 'number' && maxTimeMS > 0 && { limit: maxTimeMS }) }];
      }),
  };
}

function countsAsWrite(event: CommandStartedEvent): boolean {
  return isWrite(event) && collectionOf(event) !== ownCollections.lock;
}

function isWrite({ commandName, command }: CommandStartedEvent): boolean {
  if (commandName !== 'aggregate') return schemaCommands.has(commandName) || dataCommands.has(commandName);
  const pipeline: unknown = command['pipeline'];
  const last: unknown = Array.isArray(pipeline) ? pipeline.at(-1) : undefined;
  return typeof last === 'object' && last !== null && ('$out' in last || '$merge' in last);
}

/** `createIndexes of users`. */
export function describeCommand(event: CommandStartedEvent): string {
  return `${event.commandName} of ${collectionOf(event)}`;
}

function collectionOf({ commandName, command, databaseName }: CommandStartedEvent): string {
  const target: unknown = commandName === 'getMore' ? command['collection'] : command[commandName];
  if (typeof target !== 'string') return databaseName;
  // Only this command has the database in the name of the collection.
  return commandName === 'renameCollection' ? target.slice(target.indexOf('.') + 1) : target;
}
