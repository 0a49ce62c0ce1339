import type { Document } from 'mongodb';
import { fromPlain, toPlain } from './plain';
import type { PlainObject } from './schema';
import { shellLiteral } from './shell';

const marker = 'closed for a drop; before: ';

/** The validation of a collection. The fields have MongoDB's own names. */
export interface Validation {
  readonly validator: Document;
  readonly validationLevel: string;
  readonly validationAction: string;
}

/**
 * Returns a validation that accepts no documents, which closes a collection for writes. It contains the earlier validation, so that any
 * later run can restore the earlier validation. It also contains the collection's name, which a rename would lose.
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

/** Returns the name that a closed collection had when it was closed; undefined when {@link encodeClosed} received no name. */
export function nameWhenClosed(options: Document): string | undefined {
  const [first] = ((options['validator'] as Document | undefined)?.['$nor'] ?? []) as Document[];
  const name: unknown = first?.['$comment'];
  return typeof name === 'string' ? name : undefined;
}

const placeholderComment = 'keeps this name from a command of a run that lost its lease';

/** The validation of an empty placeholder collection. It accepts no documents. */
export const placeholderValidation: Validation = {
  validator: { $nor: [{}], $comment: placeholderComment },
  validationLevel: 'strict',
  validationAction: 'error',
};

export function isPlaceholder(options: Document): boolean {
  return (options['validator'] as Document | undefined)?.['$comment'] === placeholderComment;
}

/** Returns the validation that {@link encodeClosed} replaced; undefined when the collection is not closed. */
export function decodeClosed(options: Document): Validation | undefined {
  const comment = (options['validator'] as Document | undefined)?.['$comment'] as unknown;
  if (typeof comment !== 'string' || !comment.startsWith(marker)) return undefined;
  const before = JSON.parse(comment.slice(marker.length)) as PlainObject;
  return fromPlain(before) as Validation;
}

/** Returns a collection's validation from its options, with the server's defaults for missing values. */
export function validationOf({ validator, validationLevel, validationAction }: Document): Validation {
  return {
    validator: (validator as Document | undefined) ?? {},
    validationLevel: (validationLevel as string | undefined) ?? 'strict',
    validationAction: (validationAction as string | undefined) ?? 'error',
  };
}

/** Returns the mongosh command that opens a closed collection. */
export function reopenCommand(name: string, before: Validation): string {
  return `db.runCommand(${shellLiteral(toPlain({ collMod: name, ...before }))})`;
}
