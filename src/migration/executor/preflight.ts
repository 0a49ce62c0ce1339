import { MongoServerError, type Db, type Document, type Filter } from 'mongodb';
import { describePlace, fromPlain, type Change, type Index, type Validator } from '../../schema';
import { duplicatesOf } from './duplicates';
import type { Kind } from './kinds';
import { violatorsOf } from './violators';

/** What a look at the live data tells of a change before it is made. */
export interface PreflightFinding {
  readonly place: string;
  readonly kind: 'duplicates' | 'violators' | 'expired documents' | 'index build' | 'documents to lose';
  /** Whether the change would fail because of it. */
  readonly blocks: boolean;
  /** How many documents; absent when the query took too long to tell. */
  readonly count?: number;
  /** The `_id`s of some of them, as text. */
  readonly samples: readonly string[];
  /** In a sentence, for people. */
  readonly message: string;
  readonly milliseconds: number;
}

type Measured = Pick<PreflightFinding, 'count'> & { readonly samples?: readonly string[]; readonly message: string };

/** A look at what one kind of change depends on; undefined when nothing is to be told. Read-only. */
type Look = (
  db: Db,
  change: Change,
  options: LookOptions & { readonly maxTimeMS: number },
) => Promise<Measured | undefined>;

export interface LookOptions {
  /** The index that an attribute belongs to. */
  readonly index?: Index | undefined;
  /** The `_id`s of the reference documents that go before the change is made. */
  readonly removed?: readonly unknown[];
  /** How long a query may take, in milliseconds; half a minute unless given. Then its result is "not determined". */
  readonly maxTimeMS?: number | undefined;
}

interface Preflight {
  readonly kind: PreflightFinding['kind'];
  readonly blocks: boolean;
  readonly look: Look;
}

const timeLimit = 30_000;
const timeLimitExpired = 50;

const duplicates: Preflight = {
  kind: 'duplicates',
  blocks: true,
  look: async (db, { at, to }, { index = to as Index, maxTimeMS }) => {
    const { keys, samples } = await duplicatesOf(db, at[0], index, maxTimeMS);
    if (keys === 0) return undefined;
    const fields = Object.keys(index.key).join(', ');
    return {
      count: keys,
      samples,
      message: `${keys} ${keys === 1 ? 'value' : 'values'} of ${fields} ${are(keys)} there more than once`,
    };
  },
};

const indexBuild: Preflight = {
  kind: 'index build',
  blocks: false,
  look: async (db, { at }) => {
    const count = await db.collection(at[0]).estimatedDocumentCount();
    return count === 0 ? undefined : { count, message: `the build scans ${documents(count)}` };
  },
};

const expired: Preflight = {
  kind: 'expired documents',
  blocks: false,
  look: async (db, { at, from, to }, { index = to as Index, maxTimeMS }) => {
    const seconds = typeof to === 'number' ? to : (to as Index).expireAfterSeconds;
    const [field] = Object.keys(index.key);
    if (seconds === undefined || field === undefined || (typeof from === 'number' && seconds >= from)) return undefined;
    const { localTime } = (await db.admin().command({ hello: 1 })) as unknown as { localTime: Date };
    const oldest = new Date(localTime.getTime() - seconds * 1000);
    const options = { maxTimeMS, readPreference: 'primary' } as const;
    const covered = index.partialFilterExpression ? [fromPlain(index.partialFilterExpression)] : [];
    const filter = { $and: [{ [field]: { $lt: oldest } }, ...covered] };
    const count = await db.collection(at[0]).countDocuments(filter, options);
    if (count === 0) return undefined;
    return {
      count,
      message: `${documents(count)} ${are(count)} older than the TTL, and would be deleted within minutes`,
    };
  },
};

const violators: Preflight = {
  kind: 'violators',
  blocks: true,
  look: async (db, { at, to }, { maxTimeMS }) => {
    const validator = to as Validator;
    if (validator.validationLevel !== undefined || validator.validationAction !== undefined) return undefined;
    const found = await violatorsOf(db, at[0], fromPlain(validator.validator), { maxTimeMS });
    if (found.count === 0) return undefined;
    return { ...found, samples: found.ids, message: `${documents(found.count)} would be refused by the validator` };
  },
};

const documentsToLose: Preflight = {
  kind: 'documents to lose',
  blocks: true,
  look: async (db, { at }, { removed = [], maxTimeMS }) => {
    const others = { _id: { $nin: removed } } as Filter<Document>;
    const options = { maxTimeMS, readPreference: 'primary' } as const;
    const count = await db.collection(at[0]).countDocuments(others, options);
    return count === 0 ? undefined : { count, message: `dropping it would lose ${documents(count)}` };
  },
};

function documents(count: number): string {
  return `${count} ${count === 1 ? 'document' : 'documents'}`;
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** What each kind of change is looked at for. A kind that depends on no data is not looked at. */
const preflights: Readonly<Partial<Record<Kind, (change: Change) => readonly Preflight[]>>> = {
  createIndex: ({ to }) => {
    const { unique, expireAfterSeconds } = to as Index;
    return [indexBuild, ...(unique ? [duplicates] : []), ...(expireAfterSeconds === undefined ? [] : [expired])];
  },
  makeUnique: () => [duplicates],
  changeIndex: ({ at }) => (at[3] === 'expireAfterSeconds' ? [expired] : []),
  setValidator: ({ to }) => (to === undefined ? [] : [violators]),
  dropCollection: () => [documentsToLose],
};

/** Looks, read-only, at the live data that a change depends on. */
export async function lookBefore(
  db: Db,
  kind: Kind,
  change: Change,
  { maxTimeMS = timeLimit, ...options }: LookOptions = {},
): Promise<PreflightFinding[]> {
  const findings: PreflightFinding[] = [];
  for (const { look, ...preflight } of preflights[kind]?.(change) ?? []) {
    const started = performance.now();
    const found = await look(db, change, { ...options, maxTimeMS }).catch((error: unknown) =>
      notDetermined(error, maxTimeMS),
    );
    if (!found) continue;
    findings.push({
      place: describePlace(change.at),
      ...preflight,
      blocks: preflight.blocks && found.count !== undefined,
      ...(found.count !== undefined && { count: found.count }),
      samples: found.samples ?? [],
      message: found.message,
      milliseconds: Math.round(performance.now() - started),
    });
  }
  return findings;
}

function notDetermined(error: unknown, maxTimeMS: number): Measured {
  if (!(error instanceof MongoServerError) || error.code !== timeLimitExpired) throw error;
  return { message: `not determined: the query took longer than ${maxTimeMS / 1000} s` };
}
