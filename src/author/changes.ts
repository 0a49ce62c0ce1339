import {
  changeTextIndex,
  changeTtl,
  createView,
  dropCollection,
  irreversible,
  run,
  type IndexDefinition,
} from '../migration';
import { entriesIn, isTextKey, own, type Index, type Schema } from '../schema';
import { deletionOfOld } from '../review/lint/delete-old';
import { literal } from '../review/lint/literal';
import { SchemaError } from '../support/schema-error';
import { readSeconds, splitAtEquals } from './arguments';
import { callsBetween } from './from-live';
import { isLiteral } from './is-literal';
import type { Planned } from './planned';
import type { Targets } from './targets';

/**
 * Plans a change of a TTL. If the TTL becomes shorter, a migration before the change deletes the documents that then expire, in batches.
 * Without this migration, the server would delete all of these documents in one pass.
 */
export function ttlFrames(text: string, targets: Targets, schema: Schema, now = new Date()): Planned[] {
  const option = '--ttl';
  const [key, age] = splitAtEquals(option, text, 'COLLECTION.FIELD=90d');
  const { collection, fields } = targets.readKey(option, key);
  const to = readSeconds(option, age);
  const [field = ''] = fields.map(({ path }) => path);
  const isOnField = ({ value }: { value: Index }) => Object.keys(value.key).join() === field;
  const index = entriesIn(schema, collection, 'index').find(isOnField);
  if (!index || fields.length > 1) {
    throw new SchemaError(
      'USAGE',
      `${collection} has no index on ${key.slice(collection.length + 1)} alone, so nothing was written`,
      {
        why: 'a TTL needs an index on a single date field',
        fix: `create that index first: \`new NAME --index ${collection}.${field}\``,
      },
    );
  }
  const { name } = index.place;
  const { expireAfterSeconds: from, partialFilterExpression: where } = index.value;
  const seconds = { ...(from !== undefined && { from }), to };
  const change: Planned = {
    frame: {
      verbs: ['changeTtl'],
      why: `How long documents of ${collection} are kept, and who decided that.`,
      steps: [`changeTtl(${literal(collection)}, ${literal(name)}, ${literal(seconds)})`],
    },
    steps: [changeTtl(collection, name, seconds)],
  };
  if (from !== undefined && to >= from) return [change];
  if (!isLiteral(where)) {
    throw new SchemaError(
      'USAGE',
      `The partialFilterExpression of the index ${name} cannot be written as a literal, so no migration was written`,
      {
        fix: 'write the migrations by hand: `lint --explain SM004` shows how',
      },
    );
  }
  const { head, step } = deletionOfOld({
    collection,
    field,
    before: new Date(now.getTime() - to * 1000).toISOString(),
    where,
  });
  return [
    {
      suffix: '-delete-old',
      frame: {
        verbs: ['irreversible', 'run', 'suppress'],
        why: `Deletes in batches the documents that will expire under the TTL of the next migration. The server would delete all of them at the same time.`,
        head: [head],
        steps: [
          `suppress('SM020', 'these documents are meant to be deleted: the next migration sets the TTL that they exceed', ${step})`,
        ],
      },
      steps: [
        run('delete old documents', {
          writes: [collection],
          isDone: never,
          run: never,
          undo: irreversible('the documents are deleted'),
        }),
      ],
    },
    change,
  ];
}

/** A placeholder: planning needs only the text of a step. */
function never(): Promise<boolean> {
  return Promise.resolve(false);
}

/**
 * Plans the drop of a collection. The migration contains the whole definition that the migrations gave the collection, so that a rollback
 * can re-create it.
 */
export function dropFrames(name: string, reason: string | undefined, targets: Targets, schema: Schema): Planned[] {
  targets.checkCollection('--drop', name);
  const contents = own(schema, name) ?? {};
  const { made, left } = callsBetween({}, { [name]: contents }, (index) => targets.servesOf(name, index));
  const rows = Object.keys(contents.documents ?? {});
  if (rows.length > 0 || left.length > 0) {
    throw new SchemaError('USAGE', `${name} cannot be written out as code, so nothing was written`, {
      why: [...(rows.length > 0 ? ['migrations insert rows into this collection'] : []), ...left],
      fix: 'write the migration by hand: `new NAME` makes its file',
    });
  }
  const why = reason ?? '(who used it, and until when)';
  const was = made.map(({ step }) => step);
  return [
    {
      frame: {
        verbs: ['dropCollection', ...made.map(({ verb }) => verb)],
        why: `${name} is no longer used.`,
        steps: [
          `dropCollection(${literal(name)}, { reason: ${literal(why)}, was: [${made.map((one) => one.text).join(', ')}] })`,
        ],
      },
      steps: [dropCollection(name, { reason: why, was })],
      ...(reason === undefined && { fillIn: 'the reason' }),
    },
  ];
}

export function weightFrames(text: string, reason: string | undefined, targets: Targets, schema: Schema): Planned[] {
  const option = '--weights';
  const [fieldsText, weight] = splitAtEquals(option, text, 'COLLECTION.FIELD=10');
  const { collection, fields } = targets.readKey(option, fieldsText);
  const index = entriesIn(schema, collection, 'index').find(({ value }) => isTextKey(value.key));
  const paths = fields.map(({ path }) => path);
  const known = Object.keys({ ...index?.value.key, ...index?.value.weights });
  const unknown = paths.find((path) => !known.includes(path));
  if (!index || unknown !== undefined) {
    throw new SchemaError(
      'USAGE',
      `${collection} has no text index on ${unknown ?? fieldsText}, so nothing was written`,
      {
        ...(index && { why: `${index.place.name} is on ${known.join(', ')}` }),
        fix: index
          ? 'add the field by hand: `new NAME` makes a file; write a changeTextIndex in it'
          : 'write the migration by hand: `new NAME` makes its file',
      },
    );
  }
  const why = reason ?? 'how the application works while search fails';
  const from = {
    name: index.place.name,
    ...index.value,
    serves: targets.servesOf(collection, index.place.name),
  } as IndexDefinition;
  const to = {
    ...from,
    weights: { ...from.weights, ...Object.fromEntries(paths.map((path) => [path, Number(weight)])) },
  };
  return [
    {
      frame: {
        verbs: ['changeTextIndex'],
        why: `Why a match in ${paths.join(' and ')} counts ${weight} times.`,
        head: [`const text = ${literal(from)} as const;`],
        steps: [
          `changeTextIndex(${literal(collection)}, { reason: ${literal(why)}, from: text, to: { ...text, weights: ${literal(to.weights)} } })`,
        ],
      },
      steps: [changeTextIndex(collection, { reason: why, from, to })],
      ...(reason === undefined && { fillIn: 'the reason' }),
    },
  ];
}

export function viewFrames(text: string, targets: Targets): Planned[] {
  const [name, on] = splitAtEquals('--view', text, 'NAME=COLLECTION');
  targets.checkCollection('--view', on);
  const definition = { on, pipeline: [{ $match: {} }] };
  return [
    {
      frame: {
        verbs: ['createView'],
        why: `What ${name} shows, and who reads it.`,
        steps: [`createView(${literal(name)}, ${literal(definition)})`],
      },
      steps: [createView(name, definition)],
      fillIn: 'what it shows',
      makes: [name],
    },
  ];
}
