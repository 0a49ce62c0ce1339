import type { Document } from 'mongodb';
import {
  ambiguityProblems,
  canonicalView,
  change,
  collationProblems,
  hasSameCollation,
  literalProblems,
  refuseInexact,
  relaxed,
  stagesIn,
  toPlain,
  type View,
} from '../../schema';
import { SchemaError } from '../../support/schema-error';
import type { SchemaStep } from '../types';
import { checkList, checkNames, checkObject } from './arguments';
import { withWholeCollation } from './collation';
import { checkCollectionName } from './names';

/** A view, as an argument of the verbs for views. */
export interface ViewDefinition {
  /** The collection or view that the view reads from. */
  readonly on: string;
  /** The stages that are applied to the documents of `on`. */
  readonly pipeline: readonly Document[];
  /** The collation, which can never be changed. The default is simple comparison. */
  readonly collation?: Document;
}

/**
 * Creates a view. Everything that the view reads from must already exist, including the collections that its stages join.
 * @category Views
 * @example
 * createView('open_orders', { on: 'orders', pipeline: [{ $match: { status: 'open' } }] }),
 * @down Drops the view.
 * @cost Blocks nothing.
 * @throws error with code `MIGRATION` for a pipeline that MongoDB does not allow in a view.
 * @see https://www.mongodb.com/docs/v7.0/core/views/
 */
export function createView(name: string, definition: ViewDefinition): SchemaStep {
  const view = viewOf('createView', name, definition);
  return {
    describe: [`create the view \`${name}\` on \`${view.viewOn}\``],
    changes: [change('view', { collection: name }, undefined, view)],
  };
}

/**
 * Changes what a view reads from, and its stages. Write both definitions in full. The collation of a view cannot be changed.
 * @category Views
 * @example
 * changeView('open_orders', {
 *   from: { on: 'orders', pipeline: [{ $match: { status: 'open' } }] },
 *   to: { on: 'orders', pipeline: [{ $match: { status: { $in: ['open', 'held'] } } }] },
 * }),
 * @down Restores the old definition.
 * @cost Blocks nothing: the view exists at every moment of the change.
 * @throws error with code `MIGRATION` for a changed collation, or for a pipeline that MongoDB does not allow in a view.
 */
export function changeView(name: string, definitions: { from: ViewDefinition; to: ViewDefinition }): SchemaStep {
  checkObject(
    'changeView',
    'second argument',
    definitions,
    'an object: { from: { on, pipeline }, to: { on, pipeline } }',
  );
  checkNames('changeView', definitions, ['from', 'to']);
  const { from, to } = definitions;
  const [before, after] = [viewOf('changeView', name, from), viewOf('changeView', name, to)];
  if (!hasSameCollation(before, after)) {
    throw new SchemaError('MIGRATION', `changeView cannot change the collation of the view ${name}`, {
      why: 'MongoDB has no command for this',
      fix: 'drop the view with dropView, and create it with its new collation in the next migration',
    });
  }
  return {
    describe: [`change the view \`${name}\``],
    changes: [change('view', { collection: name }, before, after)],
  };
}

/**
 * Drops a view. Write its current definition in full. No documents are lost.
 * @category Views
 * @example
 * dropView('open_orders', { on: 'orders', pipeline: [{ $match: { status: 'open' } }] }),
 * @down Creates the view again.
 * @cost Queries on the view find nothing from then on.
 * @throws error with code `MIGRATION` for a pipeline that MongoDB does not allow in a view.
 */
export function dropView(name: string, was: ViewDefinition): SchemaStep {
  return {
    describe: [`drop the view \`${name}\``],
    changes: [change('view', { collection: name }, viewOf('dropView', name, was), undefined)],
  };
}

/** Stages that MongoDB refuses in a view, each with the reason. */
const forbidden: ReadonlyMap<string, string> = new Map([
  ['$out', 'it writes, but a view can only read'],
  ['$merge', 'it writes, but a view can only read'],
  ['$changeStream', 'a view shows documents, not changes of them'],
]);

function viewOf(verb: string, name: string, definition: ViewDefinition): View {
  checkCollectionName(name, verb);
  checkObject(verb, 'view', definition, "an object: { on: 'users', pipeline: [] }");
  checkNames(verb, definition, ['on', 'pipeline', 'collation']);
  const { on, pipeline, collation } = definition;
  checkCollectionName(on, verb);
  checkList(verb, 'pipeline', pipeline, 'a list of stages');
  for (const stage of pipeline) checkObject(verb, 'stage', stage, 'an object: { $match: { … } }');
  const given = withWholeCollation(
    { viewOn: on, pipeline, ...(collation && { collation: checked(name, collation) }) },
    'collection',
  );
  const view = canonicalView(toPlain(given));
  refuseInexact(view);
  const problems = [...literalProblems(view.pipeline), ...ambiguityProblems(view.pipeline)];
  if (problems.length > 0) {
    throw new SchemaError('MIGRATION', `The pipeline of the view ${name} cannot be sent as it is written`, {
      why: problems,
    });
  }
  const stage = stagesIn(view.pipeline).find(([one]) => forbidden.has(one))?.[0];
  if (stage !== undefined) {
    throw new SchemaError('MIGRATION', `The view ${name} has the stage ${stage}, which is not allowed in a view`, {
      why: forbidden.get(stage),
      fix: `Leave ${stage} out.`,
    });
  }
  return view;
}

function checked(view: string, collation: Document): Document {
  const problems = [...collationProblems(relaxed(toPlain({ collation }))['collation'] ?? null, 'collection')];
  if (problems.length > 0) throw new SchemaError('MIGRATION', `The view ${view} ${problems.join('; and it ')}`);
  return collation;
}
