import type { Document } from 'mongodb';
import { fromPlain, toPlain } from './plain';
import type { PlainObject } from './schema';
import { shellLiteral } from './shell';

const marker = 'closed for a drop; before: ';

/** The validation of a collection, in MongoDB's own names. */
export interface Validation {
  readonly validator: Document;
  readonly validationLevel: string;
  readonly validationAction: string;
}

/**
 * A validator that accepts nothing and remembers what stood there before, so that any later run can put it back, and the
 * collection's name, which it loses when it is set aside.
 */
export function encodeClosed(before: Validation, name?: string): Validation {
  return {
    validator: {
      $nor: [name === undefined ? {} : { $comment: name }],
      $comment: marker + JSON.stringify(toPlain(before)),
    },
    validationLevel: 'strict',
    validationAction: 'error',
  };
}

/** The name of a closed collection when it was closed; undefined where {@link encodeClosed} was not told. */
export function nameWhenClosed(options: Document): string | undefined {
  const [first] = ((options['validator'] as Document | undefined)?.['$nor'] ?? []) as Document[];
  const name: unknown = first?.['$comment'];
  return typeof name === 'string' ? name : undefined;
}

const placeholderComment = 'keeps this name from a command of a run that lost its lease';

/** The validation of an empty collection that only keeps its name taken: it accepts nothing. */
export const placeholderValidation: Validation = {
  validator: { $nor: [{}], $comment: placeholderComment },
  validationLevel: 'strict',
  validationAction: 'error',
};

export function isPlaceholder(options: Document): boolean {
  return (options['validator'] as Document | undefined)?.['$comment'] === placeholderComment;
}

/** The validation that {@link encodeClosed} replaced; undefined where the collection is not closed. */
export function decodeClosed(options: Document): Validation | undefined {
  const comment = (options['validator'] as Document | undefined)?.['$comment'] as unknown;
  if (typeof comment !== 'string' || !comment.startsWith(marker)) return undefined;
  const before = JSON.parse(comment.slice(marker.length)) as PlainObject;
  return fromPlain(before) as Validation;
}

/** A collection's validation as its options tell it, with the server's defaults where nothing is told. */
export function validationOf({ validator, validationLevel, validationAction }: Document): Validation {
  return {
    validator: (validator as Document | undefined) ?? {},
    validationLevel: (validationLevel as string | undefined) ?? 'strict',
    validationAction: (validationAction as string | undefined) ?? 'error',
  };
}

/** What opens a closed collection again, for mongosh. */
export function reopenCommand(name: string, before: Validation): string {
  return `db.runCommand(${shellLiteral(toPlain({ collMod: name, ...before }))})`;
}
