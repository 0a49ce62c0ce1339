import {
  describePlace,
  equal,
  isTextKey,
  type Change,
  type CollectionOptions,
  type Index,
  type Kind,
  type PlainObject,
  type Validator,
  type Value,
  type View,
} from '../../schema';
import { code, describeDifferences, describeIndex, describeOptions, describeTtl } from './text';
import { describeValidator, describeValidatorChange } from './validators';
import { describeView, describeViewChange } from './views';

/** A change in words. */
export interface ExplainedChange {
  readonly sign: '+' | '-' | '~';
  /** The place: `index users.email_1`. */
  readonly place: string;
  /** The meaning of the change, one statement per line. */
  readonly words: readonly string[];
}

export function explainChange<K extends Kind>({ kind, place, from, to }: Change<K>): ExplainedChange {
  const sign = from === undefined ? '+' : to === undefined ? '-' : '~';
  return { sign, place: describePlace({ kind, place }), words: words[kind](from, to) };
}

/** Returns the meaning of a change, for each kind of change. */
const words: { readonly [K in Kind]: (from: Value<K> | undefined, to: Value<K> | undefined) => string[] } = {
  collection: optionsWords,
  'collection.name': (_from, to) => [`renamed to ${code(to)}, with its documents, indexes and validator`],
  validator: validatorWords,
  index: indexWords,
  'index.expireAfterSeconds': ttlWords,
  'index.hidden': (_from, to) => [to ? 'hidden from the query planner' : 'visible to the query planner again'],
  'index.unique': uniqueWords,
  document: documentWords,
  view: viewWords,
};

function optionsWords(from: CollectionOptions | undefined, to: CollectionOptions | undefined): string[] {
  if (from && to) return describeDifferences(from, to, 'collection');
  if (!to) return ['the collection is dropped, with every document in it'];
  const options = describeOptions(to);
  return [options === '' ? 'a new collection' : `a new collection: ${options}`];
}

function validatorWords(from: Validator | undefined, to: Validator | undefined): string[] {
  if (from && to) return describeValidatorChange(from, to);
  if (to) return [`documents are checked from now on: ${describeValidator(to)}`];
  return ['documents are no longer checked'];
}

function documentWords(from: PlainObject | undefined, to: PlainObject | undefined): string[] {
  if (from && to) return describeDifferences(from, to);
  const name = (to ?? from)?.['name'];
  const which = typeof name === 'string' ? ` (${name})` : '';
  return [to ? `a reference document that everyone gets${which}` : `this reference document is removed${which}`];
}

function viewWords(from: View | undefined, to: View | undefined): string[] {
  if (from && to) return describeViewChange(from, to);
  if (to) return [`a new view: ${describeView(to)}`];
  return ['the view is dropped; no document is lost'];
}

function indexWords(from: Index | undefined, to: Index | undefined): string[] {
  if (!from || !to) {
    const index = to ?? from;
    return index ? [describeIndex(index)] : [];
  }
  const { unique: _before, ...before } = from;
  const { unique: _after, ...after } = to;
  if (equal('index', before, after)) return uniqueWords(from.unique, to.unique);
  const gap = 'dropped, then rebuilt: every `$text` query fails in the meantime';
  return [`${describeIndex(from)} → ${describeIndex(to)}`, ...(isTextKey(from.key) ? [gap] : [])];
}

function uniqueWords(_from: true | undefined, to: true | undefined): string[] {
  return [to ? 'becomes unique: documents may no longer share a key' : 'is no longer unique'];
}

function ttlWords(from: number | undefined, to: number | undefined): string[] {
  const [before, after] = [ttlText(from), ttlText(to)];
  const shared = 'documents are deleted after ';
  return [`${before} → ${before.startsWith(shared) && after.startsWith(shared) ? after.slice(shared.length) : after}`];
}

function ttlText(seconds: number | undefined): string {
  return seconds === undefined ? 'documents are kept' : describeTtl(seconds);
}
