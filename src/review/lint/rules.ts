import { irreversibleStep, renamedCollection, unbatchedWrite } from './checks/data-steps';
import { allIndexesDropped, collectionWithoutReason, fieldWithoutReason } from './checks/drops';
import { dependent, foreignImport, futureDate, mergedAltered, misfit, outOfOrder, plain } from './checks/files';
import { differences, droppedUnhidden, sameKeysOtherOptions, textIndexReplaced } from './checks/index-changes';
import {
  manyIndexes,
  redundantPrefix,
  severalBuilds,
  tooMany,
  uniqueOverData,
  unusualName,
  withoutServes,
} from './checks/indexes';
import { unknownSuppression, unusedSuppression } from './checks/suppressions';
import { ttlOverData, ttlWithoutDate } from './checks/ttl';
import { indexOnUnknownField } from './checks/unknown-fields';
import { tightenedOverData, unportablePattern, withoutValidator } from './checks/validators';
import { defaultIndexName } from '../../schema';
import { deletionOfOld } from './delete-old';
import { indexLiteral, literal } from './literal';
import { rule, type Rule } from './types';

const email = { collection: 'users', name: 'email_1', index: { key: { email: 1 }, unique: true } } as const;
const status = { collection: 'users', name: 'status_1', index: { key: { status: 1 } } } as const;
const ttl = { collection: 'sessions', name: 'seen_at_1', field: 'seen_at', seconds: 604800 };
const validatorOf = (field: string) => {
  const schema = field
    .split('.')
    .reduceRight<object>((inner, name) => ({ required: [name], properties: { [name]: inner } }), { bsonType: 'date' });
  return `{ $jsonSchema: ${literal(schema)} }`;
};

/** Every rule, by code. A code is never given to another rule: suppressions in merged migrations name it. */
export const rules: readonly Rule[] = [
  rule({
    code: 'SM001',
    severity: 'error',
    title: 'Unique index over data',
    danger:
      'The build finds duplicates near its end, after a scan of the whole collection, and the deploy fails there. Until then new duplicates come in.',
    needsBase: true,
    check: uniqueOverData,
    safe: ({ collection, name, index: { unique: _unique, ...plain }, serves }) => `\
// One migration builds it as a plain index:
createIndexes('${collection}', [${indexLiteral(name, plain, serves)}])
// The next one refuses new duplicates, names those that are there, and converts it:
makeUnique('${collection}', '${name}')`,
    example: email,
  }),
  rule({
    code: 'SM002',
    severity: 'warning',
    title: 'Several index builds over data in one migration',
    danger:
      'A build reads the whole collection and takes memory and cache from everybody. Together they take longer than anybody watches, and one that fails holds up the others.',
    needsBase: true,
    check: severalBuilds,
    safe: (all) =>
      all
        .map(
          ({ collection, name, index, serves }) =>
            `// ${name} of ${collection}, in a migration of its own:\ncreateIndexes('${collection}', [${indexLiteral(name, index, serves)}])`,
        )
        .join('\n'),
    example: [status, { collection: 'users', name: 'plan_1', index: { key: { plan: 1 } } }],
  }),
  rule({
    code: 'SM003',
    severity: 'warning',
    title: 'Tighter validator over data',
    danger:
      'Documents that are there already may break it. The deploy counts them and fails, with the old validator back, unless they were mended before.',
    needsBase: true,
    check: tightenedOverData,
    safe: ({ collection, required, verb }) => `\
// A migration before it mends what is there; the application writes such documents no more by then:
backfill('${collection}', {
  filter: ${required === undefined ? '{ $nor: [{ $jsonSchema: … }] }' : literal({ [required]: { $exists: false } })},
  update: ${required === undefined ? '{ $set: { … } }' : literal({ $set: { [required]: '…' } })},
})
// Then the validator; whatever still breaks it is counted and named:
${verb === 'addValidator' ? `addValidator('${collection}', { $jsonSchema: … })` : `changeValidator('${collection}', { from: …, to: … })`}`,
    example: { collection: 'users', required: 'plan', verb: 'changeValidator' },
  }),
  rule({
    code: 'SM004',
    severity: 'error',
    title: 'TTL added or shortened over data',
    danger:
      'The server deletes all expired documents in one go, as fast as it can, and the deletes are replicated: operations of the application have to wait for them. What was deleted is gone.',
    needsBase: true,
    check: ttlOverData,
    safe: ({ collection, field, seconds, where }) => {
      const { head, step } = deletionOfOld({ collection, field, before: '…', where });
      return `// A migration before it deletes in batches what the TTL of ${seconds} seconds would delete; \`plan\` counts it.\n${head}\n${step}`;
    },
    example: ttl,
  }),
  rule({
    code: 'SM005',
    severity: 'error',
    title: 'TTL on a field that need not be a date',
    danger:
      'A document without the field, or with anything but a date in it, never expires, and nobody notices: what was promised to be deleted stays.',
    check: ttlWithoutDate,
    safe: ({ collection, field, verb }) => `\
// The collection's validator requires it, from the same release on:
${verb === 'addValidator' ? `addValidator('${collection}', ${validatorOf(field)})` : `changeValidator('${collection}', { from: …, to: { validator: ${validatorOf(field)} } })`}`,
    example: { ...ttl, verb: 'addValidator' },
  }),
  rule({
    code: 'SM006',
    severity: 'error',
    title: 'Second text index, or another one in its place',
    danger:
      'A collection has one text index. From the drop of the old index to the end of the new build, every $text query fails; if the language changes, queries match different words.',
    check: textIndexReplaced,
    safe: ({ collection, name, becomes, from, to }) => `\
// There is no way without a gap. Teach the application to do without search for the time of the build; then one step:
changeTextIndex('${collection}', {
  reason: 'search is switched off for the release',
  from: ${indexLiteral(name, from)},
  to: ${indexLiteral(becomes, to)},
})`,
    example: {
      collection: 'posts',
      name: 'text_text',
      becomes: 'text_text',
      from: { key: { text: 'text' } },
      to: { key: { text: 'text' }, default_language: 'german' },
    },
  }),
  rule({
    code: 'SM007',
    severity: 'error',
    title: 'Collection dropped without a reason',
    danger: 'Its documents are gone for good, and going down makes it again empty.',
    check: collectionWithoutReason,
    safe: ({ collection }) => `\
dropCollection('${collection}', {
  reason: '…, and nothing has read it since …',
  was: [createCollections('${collection}') /* and its indexes and validator */],
})`,
    example: { collection: 'drafts' },
  }),
  rule({
    code: 'SM008',
    severity: 'error',
    title: 'Field dropped without a reason',
    danger: 'Its values are gone for good. An application that still reads it finds nothing.',
    check: fieldWithoutReason,
    safe: ({ collection, field }) => `\
// Once no version of the application reads it any more:
dropField('${collection}', '${field}', { reason: '…' })`,
    example: { collection: 'users', field: 'nickname' },
  }),
  rule({
    code: 'SM009',
    severity: 'error',
    title: 'All indexes of a collection dropped',
    danger: 'Every query on the collection scans it from then on, and every build takes its time to come back.',
    check: allIndexesDropped,
    safe: ({ collection }) => `\
// Drop one a migration, each hidden before. Where nothing queries the collection any more, say so:
suppress('SM009', 'nothing queries ${collection} since …', dropIndexes('${collection}', [ … ]))`,
    example: { collection: 'drafts' },
  }),
  rule({
    code: 'SM010',
    severity: 'error',
    title: 'Index dropped that was not hidden first',
    danger:
      'Whether a query needs it shows when it is gone, and a build takes long to bring it back. A hidden index is back at once.',
    needsBase: true,
    check: droppedUnhidden,
    safe: ({ collection, name, index: { hidden: _hidden, ...index } }) => `\
// In this release:
hideIndex('${collection}', '${name}')
// In a later one, when nobody has missed it:
dropIndexes('${collection}', [${indexLiteral(name, { ...index, hidden: true })}])`,
    example: status,
  }),
  rule({
    code: 'SM011',
    severity: 'error',
    title: 'Collection renamed',
    danger:
      'The running application still uses the old name: its next write makes the old collection anew, without indexes and validator, and splits the data.',
    check: renamedCollection,
    safe: ({ collection, becomes }) => `\
// 1. A release of the application goes by whichever of the two names is a collection (docs/safe-changes.md).
// 2. A migration renames it, and a view keeps the old name: reads there go on, and a write there fails instead of making the collection anew:
renameCollection('${collection}', '${becomes}'),
createView('${collection}', { on: '${becomes}', pipeline: [] })
// 3. A release knows the new name alone; then a migration drops the view:
dropView('${collection}', { on: '${becomes}', pipeline: [] })`,
    example: { collection: 'accounts', becomes: 'customers' },
  }),
  rule({
    code: 'SM012',
    severity: 'warning',
    title: 'Same keys with other options',
    danger:
      'Two indexes over the same keys cost twice on every write; dropping one to create the other leaves queries without an index meanwhile.',
    check: sameKeysOtherOptions,
    safe: ({ collection, name, becomes, from, to }) => {
      const changed = differences(from, to);
      const only = (option: string) => changed.length === 1 && changed[0] === option;
      if (only('unique') && to.unique) return `makeUnique('${collection}', '${name}')`;
      if (only('hidden')) return `${to.hidden ? 'hideIndex' : 'showIndex'}('${collection}', '${name}')`;
      if (only('expireAfterSeconds')) {
        const [before, after] = [from.expireAfterSeconds, to.expireAfterSeconds];
        const sides = { ...(before !== undefined && { from: before }), ...(after !== undefined && { to: after }) };
        return `changeTtl('${collection}', '${name}', ${literal(sides)})`;
      }
      return `\
// The server cannot change ${changed.join(', ')} in place. Build the new one under a name of its own:
createIndexes('${collection}', [${indexLiteral(becomes === name ? `${name}_new` : becomes, to)}])
// Hide the old one in the next release, and drop it in the one after:
hideIndex('${collection}', '${name}')`;
    },
    example: {
      collection: 'users',
      name: 'email_1',
      becomes: 'email_1',
      from: { key: { email: 1 } },
      to: { key: { email: 1 }, unique: true },
    },
  }),
  rule({
    code: 'SM013',
    severity: 'warning',
    title: 'Index that is the beginning of another',
    danger: 'The longer index serves the same queries, so the shorter one only costs: memory, and time on every write.',
    check: redundantPrefix,
    safe: ({ collection, prefix, of, index }) => `\
// Leave ${prefix} out; ${of} serves its queries. Where it is there already, hide it, and drop it in a later release:
hideIndex('${collection}', '${prefix}')
dropIndexes('${collection}', [${indexLiteral(prefix, { ...index, hidden: true })}])`,
    example: { collection: 'users', prefix: 'plan_1', of: 'plan_1_status_1', index: { key: { plan: 1 } } },
  }),
  rule({
    code: 'SM014',
    severity: 'warning',
    title: `More than ${manyIndexes} indexes on a collection`,
    danger: 'Every write maintains every index, and the planner weighs them all. The server takes 64 at most.',
    check: tooMany,
    safe: ({ collection }) => `\
// See in $indexStats which indexes of ${collection} nobody uses, hide one, and drop it in a later release:
hideIndex('${collection}', '…')`,
    example: { collection: 'events' },
  }),
  rule({
    code: 'SM015',
    severity: 'error',
    title: 'Index with a name of its own',
    danger:
      'An index cannot be renamed. A database where it was made by hand, under the name MongoDB gives, can then not be adopted.',
    check: unusualName,
    safe: ({ collection, index, usual, serves }) =>
      `createIndexes('${collection}', [${indexLiteral(usual, index, serves)}])`,
    example: { ...status, name: 'by_status', usual: 'status_1' },
  }),
  rule({
    code: 'SM016',
    severity: 'error',
    title: 'Index without the query it serves',
    danger: 'Nobody dares to drop an index that nobody can explain.',
    check: withoutServes,
    safe: ({ collection, name, index }) =>
      `createIndexes('${collection}', [${indexLiteral(name, index, 'whose query, on which page')}])`,
    example: status,
  }),
  rule({
    code: 'SM017',
    severity: 'warning',
    title: 'Collection without a validator',
    danger: 'Anything gets in, and the code that reads it has to reckon with everything.',
    check: withoutValidator,
    safe: ({ collection, hasOne }) => {
      const schema = "{ $jsonSchema: { bsonType: 'object', required: [ … ], properties: { … } } }";
      return hasOne
        ? `changeValidator('${collection}', { from: …, to: { validator: ${schema} } })`
        : `addValidator('${collection}', ${schema})`;
    },
    example: { collection: 'events', hasOne: false },
  }),
  rule({
    code: 'SM018',
    severity: 'error',
    title: 'Write over a whole collection in one command',
    danger:
      'It cannot be stopped, does not tell how far it is, and starts from the beginning after a failover, while secondaries fall behind.',
    check: unbatchedWrite,
    safe: ({ collection }) => `\
backfill('${collection}', {
  filter: { … }, // matches a document no more once it is updated
  update: { $set: { … } },
})
// Deletes go by lists of _ids: deleteMany({ _id: { $in: batch } })`,
    example: { collection: 'users', what: 'set the plan' },
  }),
  rule({
    code: 'SM019',
    severity: 'error',
    title: 'Import of something that may change',
    danger:
      'A migration that was merged never changes; what it imports does. Then the same migration means something else on the next database.',
    check: foreignImport,
    safe: ({ module }) => `\
// Write what it takes from ${module} out as literals; verbs and BSON types are all there is to import:
import { ObjectId } from 'mongodb';
import { createIndexes, migration } from '../src/migration';`,
    example: { module: '../models' },
  }),
  rule({
    code: 'SM020',
    severity: 'warning',
    title: 'Step that cannot be undone',
    danger: 'Rolling back stops there: whoever reviews it should know, and have another way back.',
    check: irreversibleStep,
    safe: ({ what, why }) => `\
// Give the step an \`undo\`. Where there is none, have a verified backup at hand, and say so:
suppress('SM020', '${why.replaceAll("'", "\\'")}; …', /* ${what} */ …)`,
    example: { what: 'drop the field nickname of users', why: 'the values are gone' },
  }),
  rule({
    code: 'SM021',
    severity: 'error',
    title: 'Migration out of order',
    danger:
      'Migrations are applied in the order of their names. Where later ones are applied already, a deploy refuses one that comes late.',
    needsBase: true,
    final: true,
    checkHistory: outOfOrder,
    safe: ({ name, newest }) => `\
# Give it the time of now${newest === undefined ? '' : `, which comes after ${newest}`}, and freeze it under that name:
git mv migrations/${name} "migrations/$(date -u +%Y%m%d%H%M%S)-${name.slice(15)}"
npm run snapshot -- --amend ${name}`,
    example: { name: '20260101000000-add_plan.ts', newest: '20260301000000-add_status.ts' },
  }),
  rule({
    code: 'SM022',
    severity: 'error',
    title: 'Merged migration altered',
    danger:
      'Some database may already have applied it. Databases that have it keep the old schema, new ones get another, and deploys refuse the edited history.',
    needsBase: true,
    final: true,
    checkHistory: mergedAltered,
    safe: ({ name, label }) => `\
# Put it back with its entry, and write a new migration:
git checkout ${label} -- migrations/${name} migrations/frozen.json
npm run snapshot`,
    example: { name: '20260101000000-add_plan.ts', label: 'origin/main' },
  }),
  rule({
    code: 'SM023',
    severity: 'error',
    title: 'Migration that does not fit the ones before it',
    danger: 'What it expects to be there is not there, or something is in its place: no server can apply it.',
    final: true,
    checkHistory: misfit,
    safe: ({ name }) => `\
// Correct ${name}, or what comes before it. Merged branches often both make the same thing: keep one.`,
    example: { name: '20260101000000-add_plan.ts' },
  }),
  rule({
    code: 'SM024',
    severity: 'warning',
    title: 'Unnecessary suppression',
    danger:
      'If the step violates the rule later, this suppression would hide it, with a reason that was given for something else.',
    final: true,
    checkSuppressions: unusedSuppression,
    safe: ({ code }) => `// Take suppress('${code}', …, step) away, and leave the step.`,
    example: { code: 'SM004' },
  }),
  rule({
    code: 'SM025',
    severity: 'error',
    title: 'Suppression of an unknown rule',
    danger: 'It has no effect, but its author believes that it silences a rule.',
    final: true,
    checkSuppressions: unknownSuppression,
    safe: ({ near }) =>
      near === undefined ? '// `lint --explain CODE` knows every rule.' : `suppress('${near}', …, step)`,
    example: { near: 'SM004' },
  }),
  rule({
    code: 'SM026',
    severity: 'error',
    title: 'Migration dated in the future',
    danger:
      'Every migration that is made before that time gets a lesser name. Where this one is applied already, a deploy refuses those as late.',
    final: true,
    checkHistory: futureDate,
    safe: ({ name }) => `\
# Give it the time of now, and freeze it under that name:
git mv migrations/${name} "migrations/$(date -u +%Y%m%d%H%M%S)-${name.slice(15)}"
npm run snapshot -- --amend ${name}`,
    example: { name: '20990101000000-add_plan.ts' },
  }),
  rule({
    code: 'SM027',
    severity: 'error',
    title: 'Migration that is another one elsewhere',
    danger:
      'Its changes depend on more than its text: each database gets a schema of its own, a second run does not find what the first one made, and a deploy refuses changes that are not the frozen ones.',
    final: true,
    checkHistory: dependent,
    safe: ({ on }) => `\
// Write the value out as a literal, in place of what comes from ${on}:
insertDocuments('plans', [{ _id: 'free', since: new Date('2026-01-31T00:00:00Z') }])`,
    example: { on: 'the clock' },
  }),
  rule({
    code: 'SM028',
    severity: 'warning',
    title: 'Plain migration',
    danger:
      'A file that exports `up(db, client)` is run as it is. What it will do cannot be seen beforehand. One that is interrupted runs again from its beginning. Its writes do not check the lease. What it makes is no part of the schema, so `drift` cannot tell it from what somebody made by hand.',
    final: true,
    checkHistory: plain,
    safe: ({ name }) => `\
// Write it with verbs, unless it came with the project (docs/moving-in.md). In ${name}:
export default migration(__filename, createCollections('orders'), createIndexes('orders', [/* … */]));
// A change of documents is a backfill, and what no verb does is a step that says when it is done:
export default migration(__filename, run('why', { isDone, run, undo, writes: ['orders'] }));`,
    example: { name: '20260101000000-add_orders.ts' },
  }),
  rule({
    code: 'SM029',
    severity: 'warning',
    title: 'Index on a field that the validator does not know',
    danger:
      'Often the name has a typo: then no document has the field, no query uses the index, and a unique one takes a single document.',
    check: indexOnUnknownField,
    safe: ({ collection, index: { weights: _weights, ...index }, serves, field, near }) => {
      if (near === undefined) {
        return `\
// The validator lists the field too:
changeValidator('${collection}', { from: …, to: … /* with ${field} in its properties */ })`;
      }
      const renamed = Object.entries(index.key).map(([name, kind]) => [name === field ? near : name, kind] as const);
      const corrected = { ...index, key: Object.fromEntries(renamed) };
      return `createIndexes('${collection}', [${indexLiteral(defaultIndexName(corrected.key), corrected, serves)}])`;
    },
    example: {
      collection: 'results',
      name: 'content.langage_code_1',
      index: { key: { 'content.langage_code': 1 } },
      field: 'content.langage_code',
      near: 'content.language_code',
    },
  }),
  rule({
    code: 'SM030',
    severity: 'error',
    title: 'Pattern that regex engines read differently',
    danger:
      'The server reads it with PCRE2, a model in Python with `re`, one in TypeScript with JavaScript. One of them takes a value that another refuses: the application answers with an error of the server, or cannot read what is stored.',
    check: unportablePattern,
    safe: ({ collection, pattern }) => `\
// What all read alike: characters, classes as [0-9A-Za-z_], groups (…) and (?:…), |, ^, *, +, ?, {1,3}, (?=…), (?!…), and (?!\\n)$ for the
// very end. In the validator of ${collection}, write with these:
pattern: ${literal(pattern)}`,
    example: { collection: 'users', pattern: '^\\w+$' },
  }),
];
