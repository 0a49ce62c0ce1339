import {
  describePlace,
  equalAt,
  type Change,
  type CollectionOptions,
  type Index,
  type Place,
  type PlaceValue,
  type PlainObject,
  type Validator,
} from '../../schema';
import { code, describeDifferences, describeIndex, describeOptions, describeTtl } from './text';
import { describeValidator, describeValidatorChange } from './validators';

/** A change as people read it. */
export interface ExplainedChange {
  readonly sign: '+' | '-' | '~';
  /** `index users.email_1` */
  readonly place: string;
  /** What it means, one thing a line. */
  readonly words: readonly string[];
}

export function explainChange({ at, from, to }: Change): ExplainedChange {
  const sign = from === undefined ? '+' : to === undefined ? '-' : '~';
  return { sign, place: describePlace(at), words: wordsFor(at, from, to) };
}

function wordsFor(at: Place, from: PlaceValue | undefined, to: PlaceValue | undefined): string[] {
  switch (at[1]) {
    case 'options':
      return optionsWords(from as CollectionOptions | undefined, to as CollectionOptions | undefined);
    case 'validator':
      return validatorWords(from as Validator | undefined, to as Validator | undefined);
    case 'documents':
      return documentWords(from as PlainObject | undefined, to as PlainObject | undefined);
    case 'indexes':
      return at[3] === undefined
        ? indexWords(from as Index | undefined, to as Index | undefined)
        : [attributeWords(at[3], from, to)];
  }
}

function optionsWords(from: CollectionOptions | undefined, to: CollectionOptions | undefined): string[] {
  if (from && to) return describeDifferences(from, to);
  if (!to) return ['the collection goes, with every document in it'];
  const options = describeOptions(to);
  return [options === '' ? 'a new collection' : `a new collection: ${options}`];
}

function validatorWords(from: Validator | undefined, to: Validator | undefined): string[] {
  if (from && to) return describeValidatorChange(from, to);
  if (to) return [`documents are checked from now on: ${describeValidator(to)}`];
  return ['documents are checked no longer'];
}

function documentWords(from: PlainObject | undefined, to: PlainObject | undefined): string[] {
  if (from && to) return describeDifferences(from, to);
  const name = (to ?? from)?.['name'];
  const which = typeof name === 'string' ? ` (${name})` : '';
  return [to ? `a reference document that everyone gets${which}` : `this reference document goes${which}`];
}

function indexWords(from: Index | undefined, to: Index | undefined): string[] {
  if (!from || !to) {
    const index = to ?? from;
    return index ? [describeIndex(index)] : [];
  }
  const { unique: _before, ...before } = from;
  const { unique: _after, ...after } = to;
  if (equalAt(['', 'indexes', ''], before, after)) return [attributeWords('unique', from.unique, to.unique)];
  return [`${describeIndex(from)} → ${describeIndex(to)}`];
}

function attributeWords(attribute: string, from: PlaceValue | undefined, to: PlaceValue | undefined): string {
  switch (attribute) {
    case 'expireAfterSeconds':
      return `${ttlText(from)} → ${ttlText(to)}`;
    case 'hidden':
      return to === true ? 'hidden from the query planner' : 'the query planner sees it again';
    case 'unique':
      return to === true ? 'becomes unique: no two documents may share a key' : 'is unique no longer';
    default:
      return `${code(from)} → ${code(to)}`;
  }
}

function ttlText(seconds: PlaceValue | undefined): string {
  return typeof seconds === 'number' ? describeTtl(seconds) : 'documents stay';
}
