import { createCollections, createIndexes, makeUnique, removeDuplicates, type IndexDefinition } from '../migration';
import { defaultIndexName, entriesIn, find, type Schema } from '../schema';
import { literal } from '../review/lint/literal';
import { SchemaError } from '../support/schema-error';
import type { PurposeOptions } from './frames';
import type { Planned } from './planned';
import type { KeyField, Targets } from './targets';

interface NewIndex {
  readonly collection: string;
  readonly definition: IndexDefinition;
  /** The index that already has this name, if any. */
  readonly existing: { readonly isUnique: boolean } | undefined;
}

function readIndex(option: string, text: string, options: PurposeOptions, targets: Targets, schema: Schema): NewIndex {
  const { serves, undeclared } = options;
  const { collection, fields } = targets.readKey(option, text, { undeclared });
  const key = Object.fromEntries(fields.map(({ path, direction }) => [path, direction]));
  const usual = defaultIndexName(key);
  const collation = options.collation === undefined ? undefined : readCollation(options.collation);
  const isTaken = find(schema, 'index', { collection, name: usual }) !== undefined;
  const name = collation && isTaken ? `${usual}_${collation.locale}` : usual;
  const found = entriesIn(schema, collection, 'index').find((entry) => entry.place.name === name);
  const definition = { name, key, ...(collation && { collation }), serves: serves ?? servesBy(collection, fields) };
  const existing = found && { isUnique: found.value.unique === true };
  if (existing && (option === '--index' || existing.isUnique)) {
    throw new SchemaError('USAGE', `${collection} already has the index ${name}, so nothing was written`, {
      fix: existing.isUnique ? undefined : `to make it unique: \`new NAME --unique ${text}\``,
    });
  }
  return { collection, definition, existing };
}

/** Returns a description such as `results by user_id and created_at (descending)`. */
function servesBy(collection: string, fields: readonly KeyField[]): string {
  const words = fields.map(({ path, direction }) => (direction === 1 ? path : `${path} (descending)`));
  return `${collection} by ${words.join(' and ')}`;
}

export function indexFrames(text: string, options: PurposeOptions, targets: Targets, schema: Schema): Planned[] {
  return [indexFrame(readIndex('--index', text, options, targets, schema))];
}

function indexFrame({ collection, definition }: NewIndex): Planned {
  return {
    frame: {
      verbs: ['createIndexes'],
      why: `Serves ${definition.serves}.`,
      steps: [`createIndexes(${literal(collection)}, [${literal(definition)}])`],
    },
    steps: [createIndexes(collection, [definition])],
  };
}

/** Plans a unique index in two migrations: one builds it over the existing documents, one makes it unique. */
export function uniqueFrames(text: string, options: PurposeOptions, targets: Targets, schema: Schema): Planned[] {
  const index = readIndex('--unique', text, options, targets, schema);
  const { collection, definition, existing } = index;
  const unique: Planned = {
    frame: {
      verbs: ['makeUnique'],
      why: `No two documents of ${collection} share ${Object.keys(definition.key).join(' and ')}.`,
      steps: [`makeUnique(${literal(collection)}, ${literal(definition.name)})`],
    },
    steps: [makeUnique(collection, definition.name)],
  };
  const duplicates = options.keep === undefined ? [] : [duplicatesFrame(index, options.keep, targets)];
  return [...(existing ? [] : [{ ...indexFrame(index), suffix: '-index' }]), ...duplicates, unique];
}

/** Plans a migration that moves duplicates to a collection that nothing else writes to. */
function duplicatesFrame({ collection, definition }: NewIndex, keep: string, targets: Targets): Planned {
  const [, which, field] = /^(newest|oldest)=(.+)$/.exec(keep) ?? [];
  if (which === undefined || field === undefined) {
    throw new SchemaError(
      'USAGE',
      `--keep ${keep} does not say which of the duplicates stays, so nothing was written`,
      {
        fix: 'write --keep newest=FIELD or --keep oldest=FIELD, with a field such as created_at',
      },
    );
  }
  targets.readKey('--keep', `${collection}.${field}`);
  const into = `removed_${collection}`;
  const key = Object.keys(definition.key);
  const { collation } = definition;
  const order = which === 'newest' ? { newest: field } : { oldest: field };
  const removal = {
    key,
    keep: order,
    ...(collation && { collation }),
    reason: `one document for each ${key.join(' and ')}`,
  };
  const isThere = targets.has(into);
  const open = `only this migration writes to ${into}, and a later migration drops ${into}`;
  return {
    suffix: '-duplicates',
    frame: {
      verbs: [...(isThere ? [] : ['createCollections', 'suppress']), 'removeDuplicates'],
      why: `Keeps the ${which} document by ${field}. The other documents are moved to ${into}, which a later migration drops.`,
      steps: [
        ...(isThere ? [] : [`suppress('SM017', ${literal(open)}, createCollections(${literal(into)}))`]),
        `removeDuplicates(${literal(collection)}, ${literal(removal)})`,
      ],
    },
    steps: [...(isThere ? [] : [createCollections(into)]), removeDuplicates(collection, removal)],
    makes: isThere ? [] : [into],
  };
}

/** Parses a collation: `en`, or `en:2`, whose strength 2 ignores case. */
function readCollation(text: string): { readonly locale: string; readonly strength?: number } {
  const [locale = '', strength] = text.split(':');
  return { locale, ...(strength !== undefined && { strength: Number(strength) }) };
}
