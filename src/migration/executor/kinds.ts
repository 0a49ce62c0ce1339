import type { Change } from '../../schema';

/** Each kind of change is carried out in its own way: one row in the executor's table. */
export type Kind =
  | 'createCollection'
  | 'dropCollection'
  | 'setValidator'
  | 'createIndex'
  | 'changeIndex'
  | 'makeUnique'
  | 'unmakeUnique'
  | 'dropIndex'
  | 'insertDocument'
  | 'removeDocument';

/** @throws Error for a change that no command of the server can make: an index or a row from one value to another. */
export function kindOf({ at, from, to }: Change): Kind {
  switch (at[1]) {
    case 'options':
      if (from !== undefined && to !== undefined) break;
      return to === undefined ? 'dropCollection' : 'createCollection';
    case 'validator':
      return 'setValidator';
    case 'indexes':
      if (at[3] === 'unique') return to === true ? 'makeUnique' : 'unmakeUnique';
      if (at[3] !== undefined) return 'changeIndex';
      if (from !== undefined && to !== undefined) break;
      return to === undefined ? 'dropIndex' : 'createIndex';
    case 'documents':
      if (from !== undefined && to !== undefined) break;
      return to === undefined ? 'removeDocument' : 'insertDocument';
  }
  throw new Error(`No command changes ${at.join('.')} from one value to another; drop and create it.`);
}
