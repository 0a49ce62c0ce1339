import {
  addValidator,
  backfill,
  changeCollection,
  changeTextIndex,
  changeTtl,
  changeValidator,
  createCollections,
  createIndexes,
  createTimeSeries,
  createView,
  dropCollection,
  dropField,
  dropIndexes,
  hideIndex,
  irreversible,
  makeUnique,
  renameCollection,
  run,
  suppress,
  type DataContext,
  type SchemaStep,
} from '../../../src/migration';
import { plainStep } from '../../../src/migration/plain';
import type { Scenario } from './judge';

const users = createCollections('users');
const plain = { name: 'email_1', key: { email: 1 }, serves: 'sign-in' } as const;
const status = { name: 'status_1', key: { status: 1 }, serves: 'the admin list' } as const;
const seen = { name: 'seen_at_1', key: { seen_at: 1 }, serves: 'forgetting' } as const;
const ttl = { ...seen, expireAfterSeconds: 3600 } as const;
const text = { name: 'bio_text', key: { bio: 'text' }, serves: 'search' } as const;
const german = { ...text, default_language: 'german' } as const;
const other = { ...text, name: 'bio_text_name_text', key: { bio: 'text', name: 'text' } } as const;
const clustered = (expireAfterSeconds: number) => ({
  clusteredIndex: { key: { _id: 1 }, unique: true },
  expireAfterSeconds,
});
const visits = (seconds: number) => createCollections({ name: 'visits', ...clustered(seconds) });
const changeVisits = (from: number, to: number) =>
  changeCollection('visits', { from: clustered(from), to: clustered(to) });
const hidden = (index: typeof status) => ({ ...index, hidden: true });
const index = (...definitions: Parameters<typeof createIndexes>[1]) => createIndexes('users', definitions);
const validated = addValidator('users', {
  $jsonSchema: { required: ['seen_at'], properties: { seen_at: { bsonType: 'date' } } },
});
const on = (...fields: string[]) => {
  const key = Object.fromEntries(fields.map((field) => [field, 1 as const]));
  return index({ name: fields.map((field) => `${field}_1`).join('_'), key, serves: 'a test' });
};
const wildcard = index({ name: '$**_1', key: { '$**': 1 }, serves: 'a test' });
const dropped = dropIndexes('users', [{ name: 'plan_1', key: { plan: 1 }, serves: 'a test' }]);
/** A validator that lists the fields of its documents. */
const listed = addValidator('users', {
  $jsonSchema: {
    properties: {
      content: { bsonType: 'object', properties: { language_code: { bsonType: 'string' } } },
      extra: { bsonType: 'object' },
      labels: { bsonType: 'object', patternProperties: { '^x_': { bsonType: 'string' } }, properties: { a: {} } },
      tags: { bsonType: 'array', items: { bsonType: 'object', properties: { name: { bsonType: 'string' } } } },
    },
  },
});
const withPattern = (pattern: string) => ({
  $jsonSchema: { properties: { name: { bsonType: 'string', pattern } } },
});
const patterned = (pattern: string) => addValidator('users', withPattern(pattern));
const patternedDeep = (pattern: string) =>
  addValidator('users', {
    $jsonSchema: { properties: { tags: { items: { anyOf: [{ bsonType: 'int' }, { bsonType: 'string', pattern }] } } } },
  });
const patternField = addValidator('users', {
  $jsonSchema: { properties: { pattern: { bsonType: 'string', description: '$' } } },
});
const schemaOf = (...required: string[]) => ({ validator: { $jsonSchema: { required, properties: { a: {} } } } });
const isDone = () => Promise.resolve(true);
const doing = (
  work: (context: DataContext) => Promise<void>,
  undo: Parameters<typeof run>[1]['undo'] = 'nothing to undo',
) => run('mend the users', { writes: ['users'], isDone, run: work, undo });
const opaque = plainStep({ up: () => Promise.resolve() });
const removing = doing(async ({ db, guard }) => {
  await guard();
  await db.collection('users').deleteMany({ _id: { $in: [] } });
});
const filled = backfill('users', { filter: { plan: null }, update: { $set: { plan: 'free' } } });
const without = ({ reason: _reason, ...step }: SchemaStep): SchemaStep => step;
const many = (count: number) =>
  index(
    ...Array.from({ length: count }, (_, at) => ({ name: `f${at}_1`, key: { [`f${at}`]: 1 as const }, serves: 'x' })),
  );
const source = (...lines: string[]) => lines.join('\n');

/** A case that a rule is about, or that only looks like one. */
export type Case = readonly [title: string, scenario: Scenario];

/** By code: what a rule finds, and what it lets be. */
export const cases: Readonly<Record<string, { readonly bad: readonly Case[]; readonly good: readonly Case[] }>> = {
  SM001: {
    bad: [
      [
        'on a collection of the base that goes by another name by now',
        {
          base: [[users]],
          next: [
            [renameCollection('users', 'people'), createView('users', { on: 'people', pipeline: [] })],
            [createIndexes('people', [{ ...plain, unique: true }])],
          ],
        },
      ],
      ['a unique index over a merged collection', { base: [[users]], next: [[index({ ...plain, unique: true })]] }],
    ],
    good: [
      ['a plain one, made unique later', { base: [[users]], next: [[index(plain)], [makeUnique('users', 'email_1')]] }],
      ['one on a collection that is new itself', { next: [[users], [index({ ...plain, unique: true })]] }],
      ['one without a base', { base: [[users]], next: [[index({ ...plain, unique: true })]], against: false }],
    ],
  },
  SM002: {
    bad: [
      ['two indexes in one step', { base: [[users]], next: [[index(plain, status)]] }],
      ['two indexes in two steps', { base: [[users]], next: [[index(plain), index(status)]] }],
    ],
    good: [
      ['one a migration', { base: [[users]], next: [[index(plain)], [index(status)]] }],
      ['one beside those of a new collection', { next: [[users, index(plain, status)]] }],
    ],
  },
  SM003: {
    bad: [
      ['a first validator', { base: [[users]], next: [[validated]] }],
      [
        'a field required',
        {
          base: [[users, addValidator('users', schemaOf('a').validator)]],
          next: [[changeValidator('users', { from: schemaOf('a'), to: schemaOf('a', 'b') })]],
        },
      ],
    ],
    good: [
      ['one after a backfill of the collection', { base: [[users]], next: [[filled], [validated]] }],
      [
        'one that lets more in',
        {
          base: [[users, addValidator('users', schemaOf('a', 'b').validator)]],
          next: [[changeValidator('users', { from: schemaOf('a', 'b'), to: schemaOf('b') })]],
        },
      ],
      [
        'one that warns only',
        { base: [[users]], next: [[addValidator('users', { a: 1 }, { validationAction: 'warn' })]] },
      ],
      ['one on a collection that is new itself', { next: [[users], [validated]] }],
    ],
  },
  SM004: {
    bad: [
      ['a new TTL', { base: [[users]], next: [[index(ttl)]] }],
      [
        'a shorter TTL',
        { base: [[users, index(ttl)]], next: [[changeTtl('users', 'seen_at_1', { from: 3600, to: 60 })]] },
      ],
      [
        'documents of a clustered collection that expire sooner',
        { base: [[visits(3600)]], next: [[changeVisits(3600, 60)], [changeVisits(60, 30)]] },
      ],
    ],
    good: [
      [
        'a clustered collection in which they expire later, or that is new itself',
        {
          base: [[visits(3600)]],
          next: [[changeVisits(3600, 7200)], [createCollections({ name: 'v', ...clustered(60) })]],
        },
      ],
      [
        'a longer TTL',
        { base: [[users, index(ttl)]], next: [[changeTtl('users', 'seen_at_1', { from: 3600, to: 7200 })]] },
      ],
      ['a TTL after a step that deletes in batches', { base: [[users]], next: [[removing], [index(ttl)]] }],
      ['a TTL on a collection that is new itself', { next: [[users], [index(ttl)]] }],
    ],
  },
  SM005: {
    bad: [
      ['a TTL without a validator', { next: [[users], [index(ttl)]] }],
      [
        'a validator that requires the field no more',
        {
          base: [[users, index(ttl), validated]],
          next: [
            [
              changeValidator('users', {
                from: {
                  validator: { $jsonSchema: { required: ['seen_at'], properties: { seen_at: { bsonType: 'date' } } } },
                },
                to: schemaOf('a'),
              }),
            ],
          ],
        },
      ],
    ],
    good: [
      [
        'a TTL of a time series, where every document has a date',
        {
          next: [
            [
              createTimeSeries('users', { timeField: 'seen_at', metaField: 'kind' }),
              index({ ...ttl, partialFilterExpression: { kind: 'trial' } }),
            ],
          ],
        },
      ],
      ['a validator that comes later', { next: [[users], [index(ttl)], [validated]] }],
      ['a TTL that was there before', { base: [[users, index(ttl)]], next: [[filled]] }],
    ],
  },
  SM006: {
    bad: [
      [
        'a second text index',
        {
          base: [[users, index(text)]],
          next: [[createIndexes('users', [{ ...text, name: 'name_text', key: { name: 'text' } }])]],
        },
      ],
      [
        'another language',
        {
          base: [[users, index(text)]],
          next: [[dropIndexes('users', [text])], [index({ ...text, default_language: 'german' })]],
        },
      ],
    ],
    good: [
      [
        'the verb that says why search may fail',
        {
          base: [[users, index(text)]],
          next: [
            [changeTextIndex('users', { reason: 'x', from: text, to: german })],
            [changeTextIndex('users', { reason: 'x', from: german, to: other })],
          ],
        },
      ],
      ['the first text index', { base: [[users]], next: [[index(text)]] }],
      [
        'another one on a collection that is new itself',
        {
          next: [
            [users],
            [index(text)],
            [dropIndexes('users', [text])],
            [index({ ...text, default_language: 'german' })],
          ],
        },
      ],
    ],
  },
  SM007: {
    bad: [
      [
        'a drop without a reason',
        { base: [[users]], next: [[without(dropCollection('users', { reason: 'x', was: [users] }))]] },
      ],
    ],
    good: [
      [
        'a drop with its reason',
        { base: [[users]], next: [[dropCollection('users', { reason: 'nobody reads it', was: [users] })]] },
      ],
    ],
  },
  SM008: {
    bad: [
      [
        'a backfill that takes a field away',
        { base: [[users]], next: [[backfill('users', { filter: { a: 1 }, update: { $unset: { a: '' } } })]] },
      ],
      [
        'a pipeline that does',
        { base: [[users]], next: [[backfill('users', { filter: { a: 1 }, update: [{ $unset: ['a'] }] })]] },
      ],
    ],
    good: [
      [
        'dropField with its reason',
        { base: [[users]], next: [[dropField('users', 'a', { reason: 'nobody reads it' })]] },
      ],
      [
        'a backfill whose undo takes it away',
        {
          base: [[users]],
          next: [
            [
              backfill('users', {
                filter: { a: null },
                update: { $set: { a: 1 } },
                undo: { filter: { a: 1 }, update: { $unset: { a: '' } } },
              }),
            ],
          ],
        },
      ],
    ],
  },
  SM009: {
    bad: [['all of two', { base: [[users, index(plain, status)]], next: [[dropIndexes('users', [plain, status])]] }]],
    good: [
      ['one of two', { base: [[users, index(plain, status)]], next: [[dropIndexes('users', [plain])]] }],
      [
        'those that go with their collection',
        {
          base: [[users, index(plain, status)]],
          next: [[dropCollection('users', { reason: 'x', was: [users, index(plain, status)] })]],
        },
      ],
    ],
  },
  SM010: {
    bad: [
      ['an index in sight', { base: [[users, index(status)]], next: [[dropIndexes('users', [status])]] }],
      [
        'one hidden in the same release',
        {
          base: [[users, index(status)]],
          next: [[hideIndex('users', 'status_1')], [dropIndexes('users', [hidden(status)])]],
        },
      ],
    ],
    good: [
      [
        'a text index that makes room for another',
        {
          base: [[users, index(text)]],
          next: [
            [changeTextIndex('users', { reason: 'x', from: text, to: german })],
            [changeTextIndex('users', { reason: 'x', from: german, to: other })],
          ],
        },
      ],
      [
        'one hidden before',
        {
          base: [[users, index(status)], [hideIndex('users', 'status_1')]],
          next: [[dropIndexes('users', [hidden(status)])]],
        },
      ],
      [
        'one that goes with its collection',
        {
          base: [[users, index(status)]],
          next: [[dropCollection('users', { reason: 'x', was: [users, index(status)] })]],
        },
      ],
    ],
  },
  SM011: {
    bad: [
      [
        'a run that renames',
        {
          base: [[users]],
          next: [
            [
              doing(async ({ db }) => {
                await db.renameCollection('users', 'people');
              }),
            ],
          ],
        },
      ],
      ['a rename of what the base made', { base: [[users]], next: [[renameCollection('users', 'people')]] }],
    ],
    good: [
      ['a run that does something else', { base: [[users]], next: [[removing]] }],
      ['a rename of what the branch made', { base: [], next: [[users], [renameCollection('users', 'people')]] }],
      [
        'a rename with a view that keeps the old name',
        {
          base: [[users]],
          next: [[renameCollection('users', 'people'), createView('users', { on: 'people', pipeline: [] })]],
        },
      ],
      [
        'a rename with a view in the next migration',
        {
          base: [[users]],
          next: [[renameCollection('users', 'people')], [createView('users', { on: 'people', pipeline: [] })]],
        },
      ],
    ],
  },
  SM012: {
    bad: [
      [
        'a unique index beside a plain one',
        { next: [[users, index(plain)], [index({ ...plain, name: 'email_1_unique', unique: true })]] },
      ],
      [
        'a TTL by drop and create',
        {
          base: [[users, index(ttl)]],
          next: [[dropIndexes('users', [ttl])], [index({ ...ttl, expireAfterSeconds: 60 })]],
        },
      ],
    ],
    good: [
      ['other keys', { next: [[users, index(plain)], [index(status)]] }],
      ['the verb that changes it', { base: [[users, index(plain)]], next: [[makeUnique('users', 'email_1')]] }],
    ],
  },
  SM013: {
    bad: [
      [
        'both in one step',
        { next: [[users, index(status, { name: 'status_1_a_1', key: { status: 1, a: 1 }, serves: 'x' })]] },
      ],
      [
        'the longer one later, the other way around',
        {
          base: [[users, index(status)]],
          next: [[index({ name: 'status_-1_a_1', key: { status: -1, a: 1 }, serves: 'x' })]],
        },
      ],
    ],
    good: [
      [
        'a unique one',
        {
          next: [
            [
              users,
              index({ ...status, unique: true }, { name: 'status_1_a_1', key: { status: 1, a: 1 }, serves: 'x' }),
            ],
          ],
        },
      ],
      ['a TTL', { next: [[users, index(ttl, { name: 'seen_at_1_a_1', key: { seen_at: 1, a: 1 }, serves: 'x' })]] }],
      [
        'a longer one that is sparse',
        {
          next: [[users, index(status, { name: 'status_1_a_1', key: { status: 1, a: 1 }, sparse: true, serves: 'x' })]],
        },
      ],
      [
        'directions that do not turn together',
        {
          next: [
            [
              users,
              index(
                { name: 'a_1_b_1', key: { a: 1, b: 1 }, serves: 'x' },
                { name: 'a_1_b_-1_c_1', key: { a: 1, b: -1, c: 1 }, serves: 'x' },
              ),
            ],
          ],
        },
      ],
      [
        'a pair that was there before',
        {
          base: [[users, index(status, { name: 'status_1_a_1', key: { status: 1, a: 1 }, serves: 'x' })]],
          next: [[index(plain)]],
        },
      ],
    ],
  },
  SM014: {
    bad: [['the twenty-first', { next: [[users, many(21)]] }]],
    good: [['twenty', { next: [[users, many(20)]] }]],
  },
  SM015: {
    bad: [['a name of its own', { next: [[users, index({ ...plain, name: 'by_email' })]] }]],
    good: [
      ["MongoDB's name", { next: [[users, index(plain)]] }],
      [
        'a name beside the usual one',
        { next: [[users, index(plain, { ...plain, name: 'email_1_sparse', sparse: true })]] },
      ],
      [
        'a text index named in the order it was written',
        { next: [[users, index({ name: 'title_text_body_text', key: { title: 'text', body: 'text' }, serves: 'x' })]] },
      ],
    ],
  },
  SM016: {
    bad: [['a step by hand without it', { next: [[users, { describe: [], changes: index(plain).changes }]] }]],
    good: [['an index that says it', { next: [[users, index(plain)]] }]],
  },
  SM017: {
    bad: [
      ['a collection that never gets one', { next: [[users]] }],
      [
        'one that lets everything in',
        { next: [[users], [addValidator('users', { a: 1 }, { validationLevel: 'off' })]] },
      ],
    ],
    good: [
      ['a change of a collection that had none before', { base: [[visits(3600)]], next: [[changeVisits(3600, 7200)]] }],
      ['a time series, which takes none', { next: [[createTimeSeries('users', { timeField: 'at' })]] }],
      ['a collection that gets one later', { next: [[users], [validated]] }],
      ['one that is dropped again', { next: [[users], [dropCollection('users', { reason: 'x', was: [users] })]] }],
      ['one that was there before', { base: [[users]], next: [[index(plain)]] }],
    ],
  },
  SM018: {
    bad: [
      [
        'updateMany',
        {
          base: [[users]],
          next: [
            [
              doing(async ({ db }) => {
                await db.collection('users').updateMany({ a: 1 }, { $set: { a: 2 } });
              }),
            ],
          ],
        },
      ],
      [
        'deleteMany in its undo',
        {
          base: [[users]],
          next: [
            [
              doing(
                async () => {},
                async ({ db }) => {
                  await db.collection('users').deleteMany({});
                },
              ),
            ],
          ],
        },
      ],
    ],
    good: [
      ['a backfill', { base: [[users]], next: [[filled]] }],
      ['deleteMany by a list of _ids', { base: [[users]], next: [[removing]] }],
    ],
  },
  SM019: {
    bad: [
      [
        'a model',
        {
          next: [[users]],
          sources: [source("import { migration } from '../src/migration';", "import { user } from '../models';")],
        },
      ],
      [
        'a type over several lines',
        { next: [[users]], sources: [source('import type {', '  User,', "} from '../models';")] },
      ],
      ['require', { next: [[users]], sources: ["const { user } = require('../models');"] }],
      ['one that is passed on', { next: [[users]], sources: ["export * from './other';"] }],
    ],
    good: [
      [
        'verbs and BSON types',
        {
          next: [[users]],
          sources: [source("import { ObjectId } from 'mongodb';", "import { migration } from '../src/migration';")],
        },
      ],
      [
        'an import in a comment',
        {
          next: [[users]],
          sources: [source("// import { user } from '../models';", '/*', "import { user } from '../models';", '*/')],
        },
      ],
    ],
  },
  SM020: {
    bad: [
      ['dropField', { base: [[users]], next: [[dropField('users', 'a', { reason: 'nobody reads it' })]] }],
      ['a run that says so', { base: [[users]], next: [[doing(async () => {}, irreversible('the mails are sent'))]] }],
    ],
    good: [['a run with nothing to undo', { base: [[users]], next: [[doing(async () => {})]] }]],
  },
  SM021: {
    bad: [
      [
        'a time before the newest merged one',
        { base: [[users], [index(plain)]], next: [[index(status)]], names: ['20260101000000-late.ts'] },
      ],
      ['a time that no clock shows', { base: [[users]], next: [[index(status)]], names: ['20261345000000-x.ts'] }],
    ],
    good: [['a time after it', { base: [[users]], next: [[index(status)]] }]],
  },
  SM023: {
    bad: [
      ['a collection that does not exist', { next: [[index(plain)]] }],
      ['an index that two branches made', { base: [[users, index(plain)]], next: [[index(plain)]] }],
    ],
    good: [['what fits', { base: [[users]], next: [[index(plain)]] }]],
  },
  SM024: {
    bad: [
      ['a rule that the step keeps', { base: [[users]], next: [[suppress('SM004', 'x', index(plain))]] }],
      ['a rule without exception', { base: [[users]], next: [[suppress('SM023', 'x', index(plain))]] }],
    ],
    good: [
      ['one that is needed', { base: [[users]], next: [[suppress('SM004', 'empty everywhere', index(ttl))]] }],
      [
        'one of a rule about data, without a base',
        { next: [[users], [suppress('SM004', 'empty', index(ttl))]], against: false },
      ],
    ],
  },
  SM025: {
    bad: [['a code that is none', { next: [[users, suppress('SM0O4', 'x', index(plain))]] }]],
    good: [['a code that is one', { base: [[users]], next: [[suppress('SM004', 'x', index(ttl))]] }]],
  },
  SM026: {
    bad: [
      ['a time more than a day ahead', { next: [[users]], names: ['20260602120001-x.ts'] }],
      ['a year that somebody mistyped', { base: [[users]], next: [[index(plain)]], names: ['20620601120000-x.ts'] }],
    ],
    good: [
      ['a time a day ahead', { next: [[users]], names: ['20260602120000-x.ts'] }],
      ['a time that no clock shows', { next: [[users]], names: ['20991345000000-x.ts'] }],
    ],
  },
  SM027: {
    bad: [
      [
        'changes that depend on something',
        {
          next: [[users]],
          names: ['20260301000000-x.ts'],
          dependencies: { '20260301000000-x.ts': ['the clock', 'chance'] },
        },
      ],
    ],
    good: [['changes that do not', { next: [[users]] }]],
  },
  SM028: {
    bad: [
      ['one that is new', { base: [[users]], next: [[opaque]] }],
      ['the last of several, without a base', { next: [[opaque], [opaque], [users]], against: false }],
    ],
    good: [
      ['those of the base', { base: [[opaque]], next: [[users]] }],
      ['a step that is a function', { next: [[doing(async () => {})]] }],
    ],
  },
  SM029: {
    bad: [
      ['a typo in a field below another', { base: [[users, listed]], next: [[on('content.langage_code')]] }],
      ['one of several fields', { next: [[users, on('content.language_code', 'stats')], [listed]] }],
      ['a validator that leaves out an indexed field', { base: [[users, on('plan')]], next: [[listed]] }],
    ],
    good: [
      [
        'fields that the validator already lists',
        { base: [[users, listed]], next: [[on('content.language_code', '_id')]] },
      ],
      ['a field below an object that lists none', { base: [[users, listed]], next: [[on('extra.anything')]] }],
      ['a field below names that follow a pattern', { base: [[users, listed]], next: [[on('labels.x_1')]] }],
      ['a position in an array, and what is below it', { base: [[users, listed]], next: [[on('tags.0.name')]] }],
      ['a wildcard', { base: [[users, listed]], next: [[wildcard]] }],
      ['a collection without a validator', { base: [[users]], next: [[on('anything')]] }],
      ['an index that is dropped later', { base: [[users, listed]], next: [[on('plan')], [dropped]] }],
    ],
  },
  SM030: {
    bad: [
      ['an end that may have a line end after it', { next: [[users, patterned('^[a-z]+$')]] }],
      ['a class that is a letter', { next: [[users, patterned('^\\w+(?!\\n)$')]] }],
      ['a named group', { next: [[users, patterned('^(?<year>[0-9]{4})')]] }],
      ['a lookbehind', { next: [[users, patterned('(?<=a)b')]] }],
      ['any character', { next: [[users, patterned('^a.b')]] }],
      ['a character that JavaScript takes for two', { next: [[users, patterned('^[😀]')]] }],
      ['a POSIX class', { next: [[users, patterned('^[[:alpha:]]+')]] }],
      ['a possessive quantifier', { next: [[users, patterned('^a++b')]] }],
      ['a pattern nameds of fields’ values, deep inside', { next: [[users, patternedDeep('\\d')]] }],
    ],
    good: [
      ['what all read alike', { next: [[users, patterned('^(?:[^@ \\t]+|é{2,3}?|\\x41)*(?=a)(?!b)\\.(?!\\n)$')]] }],
      ['a field that is called pattern', { next: [[users, patternField]] }],
      [
        'one that a later migration takes away',
        {
          next: [
            [users, patterned('\\d')],
            [
              changeValidator('users', {
                from: { validator: withPattern('\\d') },
                to: { validator: withPattern('[0-9]') },
              }),
            ],
          ],
        },
      ],
    ],
  },
};
