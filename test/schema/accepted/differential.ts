import type { Db } from 'mongodb';
import { expect } from 'vitest';
import type { Change } from '../../../src/schema';
import { readSchema } from '../../../src/database';
import { errorCodeOf } from '../../../src/support/error-codes';
import * as collections from './collection-cases';
import * as indexes from './index-cases';
import { ofCollections, ofIndexes, ofValidators, type Subject } from './subjects';
import * as validators from './validator-cases';

/** How the server and the verbs judge definitions of one kind. */
export interface Judged {
  readonly valid: number;
  readonly invalid: number;
  readonly altered: number;
}

interface Cases<C> {
  readonly valid: readonly C[];
  readonly invalid: readonly C[];
  readonly altered: readonly C[];
  readonly deadly?: readonly C[];
}

const inFlight = 8;

/** Does something for each item, a few at a time. */
async function forEach<T>(items: readonly T[], work: (item: T, at: number) => Promise<void>): Promise<void> {
  const queue = items.map((item, at) => [item, at] as const);
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await work(...next);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** What a definition looks like in the list of those that were judged wrongly. */
function text(definition: unknown): string {
  const shown = JSON.stringify(definition, (_name, value: unknown) =>
    value instanceof RegExp ? String(value) : value,
  );
  return shown.slice(0, 200);
}

/** Why a verb refuses a definition; undefined where it takes it. */
function refusalOf(verb: () => unknown): string | undefined {
  try {
    verb();
    return undefined;
  } catch (error) {
    if (errorCodeOf(error) === 'MIGRATION') return (error as Error).message;
    throw error;
  }
}

async function refuses(sent: Promise<unknown>): Promise<string | undefined> {
  return sent.then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

async function judge<C>(
  db: Db,
  { verb, byHand, byRun, stored, makesFirst = false }: Subject<C>,
  { valid, invalid, altered, deadly = [] }: Cases<C>,
): Promise<Judged> {
  const wrong: string[] = [];
  const made: [name: string, definition: C, change: Change][] = [];
  await forEach(valid, async (definition, at) => {
    let change: Change | undefined;
    const problem = refusalOf(() => {
      [change] = verb(`valid${at}`, definition);
    });
    if (problem !== undefined || change === undefined) {
      wrong.push(`the verb refuses ${text(definition)}: ${problem}`);
      return;
    }
    const name = `valid_${at}`;
    const refused = await refuses(byHand(db, name, definition));
    if (refused !== undefined) {
      wrong.push(`the server refuses ${text(definition)}: ${refused}`);
      return;
    }
    made.push([name, definition, change]);
    const other = await refuses(byRun(db, name, change));
    if (other !== undefined) wrong.push(`a run would send something else for ${text(definition)}: ${other}`);
  });
  const { schema } = await readSchema(db);
  for (const [name, definition, change] of made) {
    const [is, meant] = [stored(schema, name, change), change.to].map((value) => JSON.stringify(sorted(value)));
    if (is !== meant) wrong.push(`the server stores ${is} for ${text(definition)}, not ${meant} (${name})`);
  }
  const refusing = `refusing_${made.length}`;
  if (makesFirst) await db.command({ create: refusing });
  await forEach([...invalid, ...altered], async (definition, at) => {
    if (refusalOf(() => verb(`other${at}`, definition)) === undefined) wrong.push(`the verb takes ${text(definition)}`);
    const refused = await refuses(byHand(db, at < invalid.length ? refusing : `altered_${at}`, definition));
    if (at < invalid.length && refused === undefined) wrong.push(`the server takes ${text(definition)}`);
    if (at >= invalid.length && refused !== undefined)
      wrong.push(`the server refuses ${text(definition)} itself: ${refused}`);
  });
  for (const definition of deadly)
    if (refusalOf(() => verb('deadly', definition)) === undefined) wrong.push(`the verb takes ${text(definition)}`);
  expect(wrong).toEqual([]);
  return { valid: valid.length, invalid: invalid.length, altered: altered.length };
}

/** The order of names counts in a key alone, and in literals; the changes are compared by their canonical text elsewhere. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, name === 'key' ? Object.entries(inner as object) : sorted(inner)] as const,
  );
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The first of some cases, then every so manyth: enough to see that all of the way works. */
function sample<C>(cases: Cases<C>, every: number): Cases<C> {
  const some = (list: readonly C[] = []) => list.filter((_, at) => at % every === 0);
  return {
    valid: some(cases.valid),
    invalid: some(cases.invalid),
    altered: some(cases.altered),
    deadly: cases.deadly ?? [],
  };
}

/** Compares what the verbs say at load with what the server says, for every so manyth case. */
export async function expectSameVerdicts(db: Db, every = 1): Promise<Readonly<Record<string, Judged>>> {
  const { validIndexes, invalidIndexes, alteredIndexes, deadlyIndexes } = indexes;
  const { validCollections, invalidCollections, alteredCollections } = collections;
  const { validValidators, invalidValidators, alteredValidators } = validators;
  const judgeIn = async <C>(subject: Subject<C>, cases: Cases<C>) => {
    await db.dropDatabase();
    return judge(db, subject, sample(cases, every));
  };
  return {
    indexes: await judgeIn(ofIndexes, {
      valid: validIndexes,
      invalid: invalidIndexes,
      altered: alteredIndexes,
      deadly: deadlyIndexes,
    }),
    'collection options': await judgeIn(ofCollections, {
      valid: validCollections,
      invalid: invalidCollections,
      altered: alteredCollections,
    }),
    validators: await judgeIn(ofValidators, {
      valid: validValidators,
      invalid: invalidValidators,
      altered: alteredValidators,
    }),
  };
}
