import { ObjectId } from 'mongodb';
import { expect } from 'vitest';
import { sample } from '../../support/samples';
import type { Recipe } from './recipe';

const snapshot = 'npm run snapshot';
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

const index: Recipe = {
  title: 'An index',
  about:
    'Add an index for a query that would otherwise scan the whole collection. `--serves` describes the query. A ' +
    'field that no validator, index or data step mentions is refused as a likely typo. If documents do have the ' +
    'field, add `--undeclared`. An [entry in `queries.ts`](indexes.md#the-queries-of-the-product) is optional. A dot in a path leads into a sub-document: ' +
    '`content.rating` is the field `rating` of `content`. `results.platform,created_at:-1` is an index on two ' +
    'fields, the second in descending order.',
  does: [
    "npm run schema -- new results-by-language --index results.content.language_code --serves 'results in one language'",
    snapshot,
  ],
  commands: 2,
  edits: 0,
  shows: ['results-by-language'],
  documents: (db) => db.collection('results').insertMany([sample('results'), sample('results')]),
  holds: async (db) => {
    const explained = await db.collection('results').find({ 'content.language_code': 'de' }).explain('queryPlanner');
    expect(JSON.stringify(explained)).toContain('"content.language_code_1"');
  },
  back: { steps: 1 },
};

const collection: Recipe = {
  title: 'A collection',
  about:
    'The command also creates a validator, an index, a model, a seeder and the privileges. You only have to write ' +
    'the fields. The validator and the model must agree on the fields: `npm test` checks this with thousands of ' +
    'documents.',
  does: [
    'npm run schema -- new add-comments --collection comments',
    {
      file: 'migrations/add-comments.ts',
      what: 'add the fields to the validator',
      replaced: {
        "required: ['user_id', 'created_at']": "required: ['user_id', 'text', 'created_at']",
        "created_at: { bsonType: 'date' },\n":
          "text: { bsonType: 'string', minLength: 1, maxLength: 2000 },\n          created_at: { bsonType: 'date' },\n",
      },
    },
    {
      file: 'models/comment.ts',
      what: 'make the same change in the model',
      replaced: {
        "import { date } from './fields';": "import { date, text } from './fields';",
        '  created_at: date,': '  text: text(1, 2000),\n  created_at: date,',
      },
    },
    {
      file: 'seeders/comments.ts',
      what: 'add a value to the test data',
      replaced: {
        '{ _id: idOf(world.seed, place), user_id: id, created_at: random.date(createdAt, world.now) }':
          "{\n      _id: idOf(world.seed, place),\n      user_id: id,\n      text: 'So do I.',\n      created_at: random.date(createdAt, world.now),\n    }",
      },
    },
    {
      file: 'test/support/samples.ts',
      what: 'add a value to the sample for the tests',
      replaced: { 'comments: () => ({ user_id: id(),': "comments: () => ({ user_id: id(), text: 'So do I.'," },
    },
    snapshot,
  ],
  commands: 2,
  edits: 4,
  shows: ['add-comments'],
  documents: () => Promise.resolve(),
  holds: async (db) => {
    const comments = db.collection('comments');
    await expect(comments.insertOne({ user_id: new ObjectId(), created_at: new Date() })).rejects.toThrow('validation');
    await comments.insertOne({ user_id: new ObjectId(), text: 'Yes.', created_at: new Date() });
  },
  back: { steps: 1, loses: ['add-comments'] },
};

const renamedField: Recipe = {
  title: 'A renamed field',
  about:
    'Two versions of an application run at the same time, so the rename takes three releases: see [safe ' +
    'changes](safe-changes.md#renaming-a-field). These two migrations belong to the second release. If a document ' +
    'has both fields with different values, they stop before their first write.',
  does: [
    'npm run schema -- new webhook-sent-at --rename webhooks.last_triggered_at=last_sent_at',
    {
      file: 'models/webhook.ts',
      what: 'change the name in the model',
      replaced: { 'last_triggered_at:': 'last_sent_at:' },
    },
    {
      file: 'seeders/webhooks.ts',
      what: 'change the name in the test data',
      replaced: { 'last_triggered_at:': 'last_sent_at:' },
    },
    snapshot,
  ],
  commands: 2,
  edits: 2,
  shows: ['webhook-sent-at-values', 'webhook-sent-at'],
  documents: (db) =>
    db
      .collection('webhooks')
      .insertMany([sample('webhooks'), { ...sample('webhooks'), last_triggered_at: daysAgo(1) }]),
  holds: async (db) => {
    expect(await db.collection('webhooks').countDocuments({ last_triggered_at: { $exists: true } })).toBe(0);
    expect(await db.collection('webhooks').countDocuments({ last_sent_at: { $type: 'date' } })).toBe(1);
  },
  back: { steps: 2 },
};

const owner = new ObjectId();
const unique: Recipe = {
  title: 'A unique index over duplicates',
  about:
    'The first migration builds the index. The second moves surplus documents to another collection. The third makes ' +
    'the index unique: from then on, the server refuses new duplicates. If there are no duplicates, omit `--keep`.',
  does: ['npm run schema -- new project-names --unique projects.user_id,name --keep newest=created_at', snapshot],
  commands: 2,
  edits: 0,
  shows: ['project-names-index', 'project-names-duplicates', 'project-names'],
  documents: (db) =>
    db
      .collection('projects')
      .insertMany([
        { ...sample('projects'), user_id: owner, created_at: daysAgo(2) },
        { ...sample('projects'), user_id: owner, created_at: daysAgo(1) },
        sample('projects'),
      ]),
  loses: ['project-names-duplicates'],
  holds: async (db) => {
    expect(await db.collection('projects').countDocuments()).toBe(2);
    expect(await db.collection('removed_projects').countDocuments()).toBe(1);
    await expect(db.collection('projects').insertOne({ ...sample('projects'), user_id: owner })).rejects.toThrow(
      'E11000',
    );
  },
  back: { steps: 3 },
};

const ttl: Recipe = {
  title: 'A shorter TTL',
  about:
    'A shorter TTL takes two migrations. The first one deletes, in batches, the documents that are older than the ' +
    'new TTL. Otherwise the server would delete them all at once. A longer TTL takes only one migration, and ' +
    'deletes nothing.',
  does: ['npm run schema -- new keep-audit-90-days --ttl audit_logs.created_at=90d', snapshot],
  commands: 2,
  edits: 0,
  shows: ['keep-audit-90-days-delete-old', 'keep-audit-90-days'],
  documents: (db) =>
    db
      .collection('audit_logs')
      .insertMany([1, 80, 100, 300].map((days) => ({ ...sample('audit_logs'), created_at: daysAgo(days) }))),
  loses: ['keep-audit-90-days-delete-old'],
  holds: async (db) => {
    expect(await db.collection('audit_logs').countDocuments()).toBe(2);
  },
  back: { steps: 1, why: 'yes, but the deleted documents are gone' },
};

const newField: Recipe = {
  title: 'A new field',
  about:
    'The field is optional: existing documents do not change, and old versions of the application may omit it. ' +
    'Once all versions write it, you can make it [required](#a-required-field). `--field ' +
    'results.content.language=string` adds a field to an object inside the documents. Write limits, such as ' +
    '`maxLength`, into both the migration and the model.',
  does: [
    'npm run schema -- new webhook-paused-at --field webhooks.paused_at=date',
    {
      file: 'models/webhook.ts',
      what: 'make the same change in the model',
      replaced: { '  created_at: date,': '  paused_at: date.exactOptional(),\n  created_at: date,' },
    },
    snapshot,
  ],
  commands: 2,
  edits: 1,
  shows: ['webhook-paused-at'],
  documents: (db) => db.collection('webhooks').insertOne(sample('webhooks')),
  holds: async (db) => {
    const webhooks = db.collection('webhooks');
    await webhooks.insertOne({ ...sample('webhooks'), paused_at: daysAgo(1) });
    await expect(webhooks.insertOne({ ...sample('webhooks'), paused_at: 'yesterday' })).rejects.toThrow('validation');
    expect(await webhooks.countDocuments({ paused_at: { $exists: false } })).toBe(1);
  },
  back: { steps: 1 },
};

const required: Recipe = {
  title: 'A required field',
  about:
    'First deploy an application version that always writes the field. Then the first migration adds a value to ' +
    'documents without the field, and the second migration makes the validator require the field. Other changes of ' +
    'a validator also use `changeValidator`.',
  does: [
    'npm run schema -- new webhook-names --require webhooks.name',
    {
      file: 'migrations/webhook-names-fill.ts',
      what: 'set the value for documents without the field',
      replaced: { "'unknown'": "'Webhook'" },
    },
    {
      file: 'models/webhook.ts',
      what: 'make the same change in the model',
      replaced: { 'name: text(1, 200).exactOptional()': 'name: text(1, 200)' },
    },
    {
      file: 'test/support/samples.ts',
      what: 'add a value to the sample for the tests',
      replaced: {
        ["url: 'https://hooks.example.com/1',"]: "name: 'Webhook',\n    url: 'https://hooks.example.com/1',",
      },
    },
    snapshot,
  ],
  commands: 2,
  edits: 3,
  shows: ['webhook-names-fill', 'webhook-names'],
  documents: (db) =>
    db.collection('webhooks').insertMany([sample('webhooks'), { ...sample('webhooks'), name: 'Chat channel' }]),
  holds: async (db) => {
    expect(await db.collection('webhooks').distinct('name')).toEqual(['Chat channel', 'Webhook']);
    const { name: _name, ...nameless } = { name: '', ...sample('webhooks') };
    await expect(db.collection('webhooks').insertOne(nameless)).rejects.toThrow('validation');
  },
  back: { steps: 2 },
};

const dropped: Recipe = {
  title: 'A dropped collection',
  about:
    'No running version of the application may use the collection any more. The migration contains the full ' +
    'definition of the collection, so that a rollback can create the collection again, without its documents. ' +
    'Remove its model, seeder and sample by hand, if they exist. Keep its line in `docker/mongo-init.js`. This ' +
    'example drops the collection to which the recipe "A unique index over duplicates" moved documents.',
  after: unique,
  does: [
    "npm run schema -- new drop-removed-projects --drop removed_projects --reason 'nobody has missed one since May'",
    snapshot,
  ],
  commands: 2,
  edits: 0,
  shows: ['drop-removed-projects'],
  documents: () => Promise.resolve(),
  loses: ['drop-removed-projects'],
  holds: async (db) => {
    expect(await db.listCollections({ name: 'removed_projects' }).toArray()).toEqual([]);
  },
  back: { steps: 1, why: 'yes, but the collection is then empty' },
};

const collation: Recipe = {
  title: 'A collation',
  about:
    'This index ignores case. The query must use the same collation. The collation of a collection or a view is set ' +
    'when it is created, in `createCollections` or `createView`, and never changes.',
  does: [
    "npm run schema -- new projects-by-name --index projects.name --collation en:2 --serves 'a project by its name, whatever the case'",
    snapshot,
  ],
  commands: 2,
  edits: 0,
  shows: ['projects-by-name'],
  documents: (db) =>
    db.collection('projects').insertMany([sample('projects'), { ...sample('projects'), name: 'HEADPHONES' }]),
  holds: async (db) => {
    const found = db.collection('projects').find({ name: 'headphones' }).collation({ locale: 'en', strength: 2 });
    expect(await found.clone().toArray()).toHaveLength(2);
    expect(JSON.stringify(await found.explain('queryPlanner'))).toContain('"name_1"');
  },
  back: { steps: 1 },
};

const weights: Recipe = {
  title: 'Weights of a text index',
  about:
    'A collection has one text index, and the server cannot change it: **every `$text` query fails from the drop ' +
    'to the end of the build**. `--reason` says how the application works without search during that time.',
  does: [
    "npm run schema -- new titles-count-more --weights results.content.title=20 --reason 'search is switched off for the release'",
    snapshot,
  ],
  commands: 2,
  edits: 0,
  shows: ['titles-count-more'],
  documents: (db) => db.collection('results').insertMany([sample('results'), sample('results')]),
  holds: async (db) => {
    expect(await db.collection('results').countDocuments({ $text: { $search: 'says' } })).toBe(2);
    const indexes = await db.collection('results').indexes();
    expect(indexes.flatMap(({ weights = {} }) => Object.values(weights as Record<string, number>))).toEqual([5, 20]);
  },
  back: { steps: 1 },
};

const view: Recipe = {
  title: 'A view',
  about:
    'A view is a query with a name. It holds no documents, so you can change it (`changeView`) and drop it ' +
    '(`dropView`) at any time.',
  does: [
    'npm run schema -- new active-projects --view active_projects=projects',
    {
      file: 'migrations/active-projects.ts',
      what: 'write the query of the view',
      replaced: {
        "(__filename, createView('active_projects', { on: 'projects', pipeline: [{ $match: {} }] }))":
          "(\n  __filename,\n  createView('active_projects', { on: 'projects', pipeline: [{ $match: { status: 'active' } }] }),\n)",
      },
    },
    snapshot,
  ],
  commands: 2,
  edits: 1,
  shows: ['active-projects'],
  documents: (db) =>
    db.collection('projects').insertMany([sample('projects'), { ...sample('projects'), status: 'paused' }]),
  holds: async (db) => {
    expect(await db.collection('active_projects').countDocuments()).toBe(1);
  },
  back: { steps: 1 },
};

const capped: Recipe = {
  title: 'A capped collection',
  about:
    'A capped collection keeps the newest documents, and removes the oldest when it is full. Create it like any ' +
    'other collection, with one more option. An existing collection cannot become capped. Add fields as in [a ' +
    'collection](#a-collection).',
  does: [
    'npm run schema -- new add-pings --collection pings',
    {
      file: 'migrations/add-pings.ts',
      what: 'set its size in bytes',
      replaced: { "createCollections('pings')": "createCollections({ name: 'pings', capped: true, size: 1048576 })" },
    },
    snapshot,
  ],
  commands: 2,
  edits: 1,
  shows: ['add-pings'],
  documents: () => Promise.resolve(),
  holds: async (db) => {
    expect(await db.collection('pings').isCapped()).toBe(true);
  },
  back: { steps: 1 },
};

/** In the order of the page. A new one is an entry here; `npm run test:deep` then walks it, and writes it on the page. */
export const recipes: readonly Recipe[] = [
  index,
  collection,
  newField,
  renamedField,
  unique,
  ttl,
  required,
  dropped,
  collation,
  weights,
  view,
  capped,
];
