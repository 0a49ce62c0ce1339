import {
  addValidator,
  changeCollection,
  changeTtl,
  changeValidator,
  changeView,
  createCollections,
  createIndexes,
  createTimeSeries,
  createView,
  hideIndex,
  makeUnique,
  showIndex,
  type IndexDefinition,
  type SchemaStep,
  type TimeSeriesDefinition,
  type ValidatorDefinition,
  type ViewDefinition,
} from '../migration';
import {
  apply,
  describePlace,
  diff,
  Draft,
  equal,
  optionsForCollMod,
  problemWith,
  timeSeriesOf,
  type Change,
  type Kind,
  type Schema,
  type Validator,
  type Value,
  type View,
} from '../schema';
import { literal } from '../review/lint/literal';
import { reasonOf } from '../support/schema-error';
import { isLiteral } from './is-literal';
import type { Planned } from './planned';

/** A migration for everything that a database has but the migrations do not make, and the differences that no verb can make. */
export interface LiveMigration {
  /** Undefined when the database has nothing that the migrations do not make. */
  readonly planned: Planned | undefined;
  /** One sentence for each difference that no verb can make. */
  readonly left: readonly string[];
}

/** A call of a verb: its text and its step. */
export interface Call {
  readonly verb: string;
  readonly text: string;
  readonly step: SchemaStep;
}

/** Plans a migration for everything that was made by hand. Things that the database lacks are left out: a deploy creates them. */
export function fromLive(schema: Schema, live: Schema): LiveMigration {
  const { made, left } = callsBetween(schema, live, () => 'unknown: it was made by hand');
  if (made.length === 0) return { planned: undefined, left };
  const frame = {
    verbs: made.map(({ verb }) => verb),
    why: 'What was created by hand in the database.',
    steps: made.map(({ text }) => text),
  };
  return { planned: { frame, steps: made.map(({ step }) => step) }, left };
}

/** Returns a description of the query that an index is for. */
type Serves = (index: string) => string;

/** Returns the calls of verbs for everything that `next` has beyond `schema`, and the differences that no verb can make. */
export function callsBetween(
  schema: Schema,
  next: Schema,
  serves: Serves,
): { readonly made: readonly Call[]; readonly left: readonly string[] } {
  const made: Call[] = [];
  const left: string[] = [];
  const draft = new Draft(schema);
  for (const change of diff(schema, next).filter((one) => !isMissing(one))) {
    const call = callFor(change, draft, serves);
    if (typeof call === 'string') {
      left.push(`${describePlace(change)}: ${call}`);
      continue;
    }
    for (const one of call.step.changes) apply(one, draft);
    made.push(call);
  }
  return { made, left };
}

/**
 * Returns whether to leave a change out. Something that the migrations make and the database lacks is left out. Every row is left out too,
 * since nobody can know which rows belong to the product.
 */
function isMissing({ kind, to }: Change): boolean {
  return kind === 'document' || (to === undefined && kind !== 'index.hidden');
}

/** Returns the call that makes a change, or the reason why there is none. */
function callFor<K extends Kind>(change: Change<K>, draft: Draft, serves: Serves): Call | string {
  const problem = problemWith(change, draft);
  if (problem !== undefined) return problem;
  if (![change.from, change.to].every(isLiteral)) return 'it contains values of BSON types: write this step by hand';
  try {
    const call = calls[change.kind](change, serves);
    if (typeof call === 'string') return call;
    const [made] = call.step.changes;
    const isSame = made?.kind === change.kind && equal(change.kind, change.to, made.to as Value<K> | undefined);
    return isSame ? call : 'the verb would not make exactly this change';
  } catch (error) {
    return reasonOf(error);
  }
}

const calls: { readonly [K in Kind]: (change: Change<K>, serves: Serves) => Call | string } = {
  collection: ({ place: { collection }, from, to = {} }) => {
    if (from) {
      return optionsForCollMod(from, to)
        ? call('changeCollection', changeCollection, collection, { from, to })
        : 'the server has no command that changes these options';
    }
    const { timeseries, ...others } = to;
    if (timeSeriesOf(to)) {
      const definition = { ...(timeseries as object), ...others } as unknown as TimeSeriesDefinition;
      return call('createTimeSeries', createTimeSeries, collection, definition);
    }
    const isPlain = Object.keys(to).length === 0;
    return call('createCollections', createCollections, isPlain ? collection : { name: collection, ...to });
  },
  'collection.name': () => 'the database does not show whether a collection had another name',
  validator: ({ place: { collection }, from, to }) => {
    if (from)
      return call('changeValidator', changeValidator, collection, { from: definitionOf(from), to: definitionOf(to) });
    const { validator, ...settings } = definitionOf(to);
    return call('addValidator', addValidator, collection, validator, settings);
  },
  index: ({ place: { collection, name }, from, to }, serves) =>
    from
      ? 'an index cannot be changed: drop it in one migration and create it in the next'
      : call('createIndexes', createIndexes, collection, [
          { name, key: {}, ...to, serves: serves(name) } as IndexDefinition,
        ]),
  'index.expireAfterSeconds': ({ place: { collection, name }, from, to }) =>
    call('changeTtl', changeTtl, collection, name, { ...(from !== undefined && { from }), to }),
  'index.hidden': ({ place: { collection, name }, to }) =>
    to ? call('hideIndex', hideIndex, collection, name) : call('showIndex', showIndex, collection, name),
  'index.unique': ({ place: { collection, name } }) => call('makeUnique', makeUnique, collection, name),
  document: () => 'the database does not show which rows belong to the product',
  view: ({ place: { collection }, from, to }) =>
    from
      ? call('changeView', changeView, collection, { from: viewOf(from), to: viewOf(to) })
      : call('createView', createView, collection, viewOf(to)),
};

/** Returns a call of a verb whose arguments are written as literals. */
function call<A extends readonly unknown[]>(verb: string, run: (...args: A) => SchemaStep, ...args: A): Call {
  return { verb, text: `${verb}(${args.map(literal).join(', ')})`, step: run(...args) };
}

function definitionOf({ validator, ...settings }: Validator = { validator: {} }): ValidatorDefinition {
  return { validator, validationLevel: 'strict', validationAction: 'error', ...settings };
}

function viewOf({ viewOn, pipeline, ...collation }: View = { viewOn: '', pipeline: [] }): ViewDefinition {
  return { on: viewOn, pipeline, ...collation };
}
