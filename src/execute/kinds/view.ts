import { fromPlain, hasSameCollation } from '../../schema';
import { listCollections } from '../../database';
import { SchemaError } from '../../support/schema-error';
import { send, type Session } from '../session';
import { describeTaken, eachPending, type Execution } from './execution';

export const view: Execution<'view'> = {
  action: ({ from, to }) => {
    if (from === undefined) return 'createView';
    if (to === undefined) return 'dropView';
    return hasSameCollation(from, to) ? 'changeView' : undefined;
  },
  reads: () => ({}),
  isHalfDone: () => false,
  holdsNeitherSide: () => false,
  keepsEdited: false,
  isInOrder: true,
  obstacle: describeTaken,
  remedy: ({ from, to }, found) => {
    if (found === undefined) return 'createView makes the view';
    return [from, to].some((side) => side && hasSameCollation(side, found))
      ? 'restore what the migration expects; or, if the migration is not released yet, use the present view as the `from` of changeView'
      : 'the collation of a view cannot be changed: drop the view and create it again';
  },
  looks: () => [],
};

export const createViews = eachPending<'view'>((session, name, { to }) =>
  send(session, { create: name, ...(to && fromPlain(to)) }),
);

export const changeViews = eachPending<'view'>((session, name, { to }) => {
  const { collation: _collation, ...changeable } = to ?? {};
  return send(session, { collMod: name, ...fromPlain(changeable) });
});

export const dropViews = eachPending<'view'>(async (session, name) => {
  if (await isView(session, name)) await send(session, { drop: name });
});

/**
 * Checks right before the drop that the name still belongs to a view. The drop command drops collections too, so a new collection with this
 * name would lose its documents.
 * @throws error with code `CONFLICT` when something else has the name.
 */
async function isView({ db }: Session, name: string): Promise<boolean> {
  const [found] = await listCollections(db, [name]);
  if (found === undefined || found.type === 'view') return found !== undefined;
  throw new SchemaError('CONFLICT', `The view ${name} is not dropped: a ${found.type ?? 'thing'} now has this name`, {
    why: 'someone replaced the view during this run',
    fix: 'rename or drop it by hand, and run again',
  });
}
