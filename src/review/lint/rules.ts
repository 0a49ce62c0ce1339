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

/** Every rule, by code. The code of a removed rule is never used again: suppressions in merged migrations refer to it. */
export const rules: readonly Rule[] = [
  rule({
    code: 'SM001',
    severity: 'error',
    title: 'Unique index over data',
    danger:
      'The build scans the whole collection and finds duplicates only near its end. Then the deploy fails. During the build, the application can insert new duplicates.',
    needsBase: true,
    check: uniqueOverData,
    safe: ({ collection, name, index: { unique: _unique, ...plain }, serves }) => `\
// One migration builds it as a plain index:
createIndexes('${collection}', [${indexLiteral(name, plain, serves)}])
// The next migration refuses new duplicates, names existing ones, and converts the index:
makeUnique('${collection}', '${name}')`,
    example: email,
  }),
  rule({
    code: 'SM002',
    severity: 'warning',
    title: 'Several index builds over data in one migration',
    danger:
      'Each build reads the whole collection, and uses memory and cache that other operations need. Several builds take long, and if one fails, the others cannot start.',
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
      'Existing documents may violate the new validator. If any do, the deploy reports how many, restores the old validator and fails. Correct these documents first.',
    needsBase: true,
    check: tightenedOverData,
    safe: ({ collection, required, verb }) => `\
// An earlier migration corrects existing documents. By then, the application no longer writes such documents:
backfill('${collection}', {
  filter: ${required === undefined ? '{ $nor: [{ $jsonSchema: … }] }' : literal({ [required]: { $exists: false } })},
  update: ${required === undefined ? '{ $set: { … } }' : literal({ $set: { [required]: '…' } })},
})
// Then change the validator. Documents that still violate it are counted and named:
${verb === 'addValidator' ? `addValidator('${collection}', { $jsonSchema: … })` : `changeValidator('${collection}', { from: …, to: … })`}`,
    example: { collection: 'users', required: 'plan', verb: 'changeValidator' },
  }),
  rule({
    code: 'SM004',
    severity: 'error',
    title: 'TTL added or shortened over data',
    danger:
      'The server deletes all expired documents at once, as fast as it can, and replicates the deletes. Operations of the application have to wait for these deletes. Deleted documents cannot be restored.',
    needsBase: true,
    check: ttlOverData,
    safe: ({ collection, field, seconds, where }) => {
      const { head, step } = deletionOfOld({ collection, field, before: '…', where });
      return `// An earlier migration deletes in batches the documents that the TTL of ${seconds} seconds would delete; \`plan\` counts them.\n${head}\n${step}`;
    },
    example: ttl,
  }),
  rule({
    code: 'SM005',
    severity: 'error',
    title: 'TTL on a field that need not be a date',
    danger:
      'If a document does not have the field, or the field is not a date, the document never expires. Nobody notices that the document is kept.',
    check: ttlWithoutDate,
    safe: ({ collection, field, verb }) => `\
// From the same release on, the validator of the collection requires the field:
${verb === 'addValidator' ? `addValidator('${collection}', ${validatorOf(field)})` : `changeValidator('${collection}', { from: …, to: { validator: ${validatorOf(field)} } })`}`,
    example: { ...ttl, verb: 'addValidator' },
  }),
  rule({
    code: 'SM006',
    severity: 'error',
    title: 'Second text index, or text index replaced',
    danger:
      'A collection can have only one text index, so you must drop the old one first. Until the new index is built, every $text query fails. If the language changes, queries match other words.',
    check: textIndexReplaced,
    safe: ({ collection, name, becomes, from, to }) => `\
// Search cannot work during the build. First make sure that the application works without it. Then use this step:
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
    danger: 'The documents of the collection are lost. A rollback creates the collection again, but empty.',
    check: collectionWithoutReason,
    safe: ({ collection }) => `\
dropCollection('${collection}', {
  reason: '…, and nothing has read it since …',
  was: [createCollections('${collection}') /* with its indexes and validator */],
})`,
    example: { collection: 'drafts' },
  }),
  rule({
    code: 'SM008',
    severity: 'error',
    title: 'Field dropped without a reason',
    danger: 'The values of the field are lost. An application that still reads the field finds nothing.',
    check: fieldWithoutReason,
    safe: ({ collection, field }) => `\
// When no version of the application reads it any more:
dropField('${collection}', '${field}', { reason: '…' })`,
    example: { collection: 'users', field: 'nickname' },
  }),
  rule({
    code: 'SM009',
    severity: 'error',
    title: 'All indexes of a collection dropped',
    danger: 'After the drop, every query scans the whole collection. Rebuilding the indexes takes long.',
    check: allIndexesDropped,
    safe: ({ collection }) => `\
// Hide each index first, and drop one per migration. If nothing queries the collection any more, say so:
suppress('SM009', 'nothing queries ${collection} since …', dropIndexes('${collection}', [ … ]))`,
    example: { collection: 'drafts' },
  }),
  rule({
    code: 'SM010',
    severity: 'error',
    title: 'Index dropped without being hidden first',
    danger:
      'If a query needs the index, you notice only after the drop, and building it again takes long. A hidden index can be used again immediately.',
    needsBase: true,
    check: droppedUnhidden,
    safe: ({ collection, name, index: { hidden: _hidden, ...index } }) => `\
// In this release:
hideIndex('${collection}', '${name}')
// In a later release, if nobody has missed it:
dropIndexes('${collection}', [${indexLiteral(name, { ...index, hidden: true })}])`,
    example: status,
  }),
  rule({
    code: 'SM011',
    severity: 'error',
    title: 'Collection renamed',
    danger:
      'The running application still uses the old name. Its next write creates the old collection again, without indexes and validator. Then the data is split over two collections.',
    check: renamedCollection,
    safe: ({ collection, becomes }) => `\
// 1. First release: the application uses the name that is currently a collection (docs/safe-changes.md).
// 2. A migration renames it, and creates a view with the old name. Reads of the view work. Writes to it fail, and create no collection:
renameCollection('${collection}', '${becomes}'),
createView('${collection}', { on: '${becomes}', pipeline: [] })
// 3. A later release uses only the new name. Then a migration drops the view:
dropView('${collection}', { on: '${becomes}', pipeline: [] })`,
    example: { collection: 'accounts', becomes: 'customers' },
  }),
  rule({
    code: 'SM012',
    severity: 'warning',
    title: 'Same keys with other options',
    danger:
      'With two indexes over the same keys, every write updates both indexes. If you drop one before you create the other, queries have no index in the meantime.',
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
// The server cannot change ${changed.join(', ')} in place. Build the new index under another name:
createIndexes('${collection}', [${indexLiteral(becomes === name ? `${name}_new` : becomes, to)}])
// Hide the old index in the next release, and drop it in the release after that:
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
    title: 'Index that is a prefix of another',
    danger:
      'The longer index serves the same queries. The shorter one only costs memory, and time on every write. ' +
      'An index that was already a prefix of another index is not reported again for a new, longer index.',
    check: redundantPrefix,
    safe: ({ collection, prefix, of, index }) => `\
// ${of} serves the queries of ${prefix}. If ${prefix} is new, leave it out. If it is deployed already, hide it, and drop it in a later release:
hideIndex('${collection}', '${prefix}')
dropIndexes('${collection}', [${indexLiteral(prefix, { ...index, hidden: true })}])`,
    example: { collection: 'users', prefix: 'plan_1', of: 'plan_1_status_1', index: { key: { plan: 1 } } },
  }),
  rule({
    code: 'SM014',
    severity: 'warning',
    title: `More than ${manyIndexes} indexes on a collection`,
    danger:
      'Every write updates every index, and the query planner considers all of them. The server allows at most 64 indexes per collection.',
    check: tooMany,
    safe: ({ collection }) => `\
// Find unused indexes of ${collection} with \`schema indexes\`, hide one, and drop it in a later release:
hideIndex('${collection}', '…')`,
    example: { collection: 'events' },
  }),
  rule({
    code: 'SM015',
    severity: 'error',
    title: 'Index with an unusual name',
    danger:
      'An index cannot be renamed. If somebody has created the same index by hand, it has the default name of MongoDB. If the migration uses another name, the names differ, and such a database cannot be adopted.',
    check: unusualName,
    safe: ({ collection, index, usual, serves }) =>
      `createIndexes('${collection}', [${indexLiteral(usual, index, serves)}])`,
    example: { ...status, name: 'by_status', usual: 'status_1' },
  }),
  rule({
    code: 'SM016',
    severity: 'error',
    title: 'Index that does not say which query it serves',
    danger: 'If nobody knows what an index is for, nobody dares to drop it.',
    check: withoutServes,
    safe: ({ collection, name, index }) =>
      `createIndexes('${collection}', [${indexLiteral(name, index, 'whose query, on which page')}])`,
    example: status,
  }),
  rule({
    code: 'SM017',
    severity: 'warning',
    title: 'Collection without a validator',
    danger: 'The collection accepts any document, so the code that reads it must handle any document.',
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
      'The command cannot be stopped, and shows no progress. After a failover it starts from the beginning. Meanwhile, secondaries fall behind.',
    check: unbatchedWrite,
    safe: ({ collection }) => `\
backfill('${collection}', {
  filter: { … }, // must not match updated documents
  update: { $set: { … } },
})
// Delete by lists of _ids: deleteMany({ _id: { $in: batch } })`,
    example: { collection: 'users', what: 'set the plan' },
  }),
  rule({
    code: 'SM019',
    severity: 'error',
    title: 'Import of something that may change',
    danger:
      'A merged migration never changes, but the modules that it imports may change. Then the same migration does something else on the next database.',
    check: foreignImport,
    safe: ({ module }) => `\
// Replace everything that comes from ${module} by literals. Import only verbs and BSON types:
import { ObjectId } from 'mongodb';
import { createIndexes, migration } from '../src/migration';`,
    example: { module: '../models' },
  }),
  rule({
    code: 'SM020',
    severity: 'warning',
    title: 'Step that cannot be undone',
    danger: 'A rollback stops at this step. Reviewers should know that, and plan another way to undo the step.',
    check: irreversibleStep,
    safe: ({ what, why }) => `\
// Give the step an \`undo\`. If that is impossible, make a verified backup first, and say so:
suppress('SM020', '${why.replaceAll("'", "\\'")}; …', /* ${what} */ …)`,
    example: { what: 'drop the field nickname of users', why: 'the values are gone' },
  }),
  rule({
    code: 'SM021',
    severity: 'error',
    title: 'Migration out of order',
    danger:
      'Migrations are applied in the order of their names. If later migrations are already applied to a database, a deploy refuses this one.',
    needsBase: true,
    final: true,
    checkHistory: outOfOrder,
    safe: ({ name, newest }) => `\
# Give it the current time${newest === undefined ? '' : `, which is after ${newest}`}, and freeze it under the new name:
git mv migrations/${name} "migrations/$(date -u +%Y%m%d%H%M%S)-${name.slice(15)}"
npm run snapshot -- --amend ${name}`,
    example: { name: '20260101000000-add_plan.ts', newest: '20260301000000-add_status.ts' },
  }),
  rule({
    code: 'SM022',
    severity: 'error',
    title: 'Merged migration altered',
    danger:
      'The migration may already be applied to a database. That database keeps the old schema, a new database gets another schema, and deploys refuse the edited migration.',
    needsBase: true,
    final: true,
    checkHistory: mergedAltered,
    safe: ({ name, label }) => `\
# Restore it and its entry, and write a new migration:
git checkout ${label} -- migrations/${name} migrations/frozen.json
npm run snapshot`,
    example: { name: '20260101000000-add_plan.ts', label: 'origin/main' },
  }),
  rule({
    code: 'SM023',
    severity: 'error',
    title: 'Migration that contradicts earlier ones',
    danger:
      'The migration changes something that does not exist, or creates something that already exists. No server can apply it.',
    final: true,
    checkHistory: misfit,
    safe: ({ name }) => `\
// Correct ${name}, or an earlier migration. Often two merged branches create the same thing: keep one of them.`,
    example: { name: '20260101000000-add_plan.ts' },
  }),
  rule({
    code: 'SM024',
    severity: 'warning',
    title: 'Unnecessary suppression',
    danger:
      'If the step breaks the rule later, this suppression would hide the finding, and its reason would no longer apply.',
    final: true,
    checkSuppressions: unusedSuppression,
    safe: ({ code }) => `// Remove suppress('${code}', …, step), and keep the step.`,
    example: { code: 'SM004' },
  }),
  rule({
    code: 'SM025',
    severity: 'error',
    title: 'Suppression of an unknown rule',
    danger: 'The suppression has no effect, although its author expects it to silence a rule.',
    final: true,
    checkSuppressions: unknownSuppression,
    safe: ({ near }) => (near === undefined ? '// docs/lint.md lists every rule.' : `suppress('${near}', …, step)`),
    example: { near: 'SM004' },
  }),
  rule({
    code: 'SM026',
    severity: 'error',
    title: 'Migration dated in the future',
    danger:
      'Migrations that are created before that date get an earlier name. If this migration is already applied to a database, a deploy refuses those migrations as late.',
    final: true,
    checkHistory: futureDate,
    safe: ({ name }) => `\
# Give it the current time, and freeze it under the new name:
git mv migrations/${name} "migrations/$(date -u +%Y%m%d%H%M%S)-${name.slice(15)}"
npm run snapshot -- --amend ${name}`,
    example: { name: '20990101000000-add_plan.ts' },
  }),
  rule({
    code: 'SM027',
    severity: 'error',
    title: 'Migration that depends on its environment',
    danger:
      'Its changes depend on more than its text, for example on the clock. Each database would get a different schema, and a second run would not recognize the changes of the first. A deploy refuses changes that differ from the frozen ones.',
    final: true,
    checkHistory: dependent,
    safe: ({ on }) => `\
// Write a literal instead of a value that depends on ${on}:
insertDocuments('plans', [{ _id: 'free', since: new Date('2026-01-31T00:00:00Z') }])`,
    example: { on: 'the clock' },
  }),
  rule({
    code: 'SM028',
    severity: 'warning',
    title: 'Plain migration',
    danger:
      'The tool runs a file that exports `up(db, client)` without knowing its changes, so it cannot show them in advance. After an interruption, the file runs again from its beginning. Its writes do not check the lease. What it creates is not part of the schema, so `drift` cannot distinguish it from changes that somebody made by hand.',
    final: true,
    checkHistory: plain,
    safe: ({ name }) => `\
// Write it with verbs, unless it belongs to an existing project (docs/moving-in.md). In ${name}:
export default migration(__filename, createCollections('orders'), createIndexes('orders', [/* … */]));
// Change documents with \`backfill\`. If no verb does what you need, use \`run\`, which checks whether it is done:
export default migration(__filename, run('why', { isDone, run, undo, writes: ['orders'] }));`,
    example: { name: '20260101000000-add_orders.ts' },
  }),
  rule({
    code: 'SM029',
    severity: 'warning',
    title: 'Index on a field that the validator does not know',
    danger:
      'Often the name of the field has a typo. Then no document has the field, and no query uses the index. A unique index would allow only one document without the field.',
    check: indexOnUnknownField,
    safe: ({ collection, index: { weights: _weights, ...index }, serves, field, near }) => {
      if (near === undefined) {
        return `\
// Add the field to the validator:
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
      'The server matches a pattern with PCRE2, a Python model with `re`, and a TypeScript model with the JavaScript engine. If the engines read the pattern differently, one engine accepts a value that another refuses. Then the application gets an error from the server, or cannot read a stored document.',
    check: unportablePattern,
    safe: ({ collection, pattern }) => `\
// Use only what all three engines match in the same way: characters, classes such as [0-9A-Za-z_], groups (…) and (?:…), |, ^, *, +, ?, {1,3}, (?=…), (?!…),
// and (?!\\n)$ for the end. Rewrite this pattern in the validator of ${collection}:
pattern: ${literal(pattern)}`,
    example: { collection: 'users', pattern: '^\\w+$' },
  }),
];
