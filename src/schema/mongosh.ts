import { equal } from './canonical';
import type { Change, IndexAttribute, Kind, Place, Value } from './change';
import { checkIndexIn, unchangeable } from './index-rules';
import { withAttribute } from './kinds/indexes';
import { isNamedKind, kindOf } from './kinds/table';
import { mayDelete, optionsForCollMod } from './option-changes';
import { renameCommand } from './own-collections';
import { own } from './record';
import type { CollectionOptions, Contents, Index, PlainObject, Validator, View } from './schema';
import { shellLiteral as literal } from './shell';
import { timeSeriesOf } from './time-series';
import { actionOf, levelOf } from './validator';
import { hasSameCollation } from './view';

function collectionText(name: string): string {
  return `db.getCollection(${JSON.stringify(name)})`;
}

/** Commands for mongosh, each in one line. */
export const mongosh = {
  createCollection: (name: string, options: CollectionOptions) =>
    `db.createCollection(${[JSON.stringify(name), ...(Object.keys(options).length > 0 ? [literal(options)] : [])].join(', ')})`,

  setValidator: (name: string, validator: Validator) =>
    runCommand({
      collMod: name,
      validator: validator.validator,
      validationLevel: levelOf(validator),
      validationAction: actionOf(validator),
    }),

  removeValidator: (name: string) =>
    runCommand({ collMod: name, validator: {}, validationLevel: 'strict', validationAction: 'error' }),

  collMod: (name: string, change: PlainObject) => runCommand({ collMod: name, ...change }),

  /** The command names the collation, because an index would otherwise inherit the collation of its collection. */
  createIndex: (name: string, index: string, { key, ...options }: Index, of: CollectionOptions = {}) => {
    const takesNone = options.partialFilterExpression !== undefined && timeSeriesOf(of) !== undefined;
    const whole = { name: index, ...(!takesNone && { collation: { locale: 'simple' } }), ...options };
    const { collation, ...others } = whole;
    return `${collectionText(name)}.createIndex(${literal(key)}, ${literal({ ...others, ...(collation && { collation }) })})`;
  },

  dropIndex: (name: string, index: string) => `${collectionText(name)}.dropIndex(${JSON.stringify(index)})`,

  createView: (name: string, view: View) => runCommand({ create: name, ...view }),

  drop: (name: string) => `${collectionText(name)}.drop()`,

  insertDocument: (name: string, document: PlainObject) =>
    // mongosh's insertOne would replace an _id of null.
    document['_id'] === null
      ? runCommand({ insert: name, documents: [document] })
      : `${collectionText(name)}.insertOne(${literal(document)})`,

  replaceDocument: (name: string, document: PlainObject) =>
    `${collectionText(name)}.replaceOne(${literal({ _id: document['_id'] })}, ${literal(document)})`,

  removeDocument: (name: string, document: PlainObject) =>
    `${collectionText(name)}.deleteOne(${literal({ _id: document['_id'] })})`,
};

function runCommand(command: object): string {
  return `db.runCommand(${literal(command)})`;
}

/** Returns the mongosh commands that make a change by hand, in order. Empty when no command can make the change. */
export function commandsFor<K extends Kind>({ kind, place, from, to }: Change<K>, contents: Contents = {}): string[] {
  return commands[kind](place, from, to, contents);
}

/**
 * Returns the mongosh commands that remove what prevents a change from creating its value: a collection or view with the same name, or an
 * index that the server does not allow together with the new one.
 */
export function commandsToClear({ kind, place, to }: Change, contents: Contents): string[] {
  if (to === undefined) return [];
  const found = kindOf(contents);
  if (isNamedKind(kind) && found !== kind) {
    const { collection: name } = place;
    // A time series cannot be renamed.
    if (timeSeriesOf(contents.options)) return [];
    return [found === 'view' ? mongosh.drop(name) : renameCommand(name, `${name}_old`)];
  }
  const { indexes = {} } = contents;
  return kind === 'index'
    ? namesInTheWay(indexes, place.name, to).map((other) => mongosh.dropIndex(place.collection, other))
    : [];
}

/** Returns the commands for a change, from its old and new value and from the current contents of the collection or view. */
type Commands<K extends Kind> = (
  place: Place<K>,
  from: Value<K> | undefined,
  to: Value<K> | undefined,
  contents: Contents,
) => string[];

const commands: { readonly [K in Kind]: Commands<K> } = {
  collection: ({ collection }, from, to) => {
    if (to === undefined) return [`${mongosh.drop(collection)} // deletes its documents`];
    if (from === undefined) return [mongosh.createCollection(collection, to)];
    const options = optionsForCollMod(from, to);
    return options
      ? [mongosh.collMod(collection, options) + (mayDelete(options) ? ' // may delete documents' : '')]
      : [];
  },
  'collection.name': (_place, from, to) => (from === undefined || to === undefined ? [] : [renameCommand(from, to)]),
  validator: ({ collection }, _from, to) => [
    to ? mongosh.setValidator(collection, to) : mongosh.removeValidator(collection),
  ],
  index: ({ collection, name }, from, to, { indexes = {}, options = {} }) => {
    if (to === undefined) return [mongosh.dropIndex(collection, name)];
    const [drop, create] = [mongosh.dropIndex(collection, name), mongosh.createIndex(collection, name, to, options)];
    const inTheWay = from === undefined ? namesInTheWay(indexes, name, to) : [];
    return (
      (from && changesInPlace(collection, name, from, to, options)) ?? [
        ...inTheWay.map((other) => mongosh.dropIndex(collection, other)),
        ...(from === undefined ? [] : [drop]),
        create + noteOnTtl(undefined, to),
      ]
    );
  },
  'index.expireAfterSeconds': attribute('expireAfterSeconds'),
  'index.hidden': attribute('hidden'),
  'index.unique': attribute('unique'),
  document: ({ collection }, from, to) => {
    if (to === undefined) return from ? [mongosh.removeDocument(collection, from)] : [];
    return [from ? mongosh.replaceDocument(collection, to) : mongosh.insertDocument(collection, to)];
  },
  view: ({ collection }, from, to) => {
    if (to === undefined) return [mongosh.drop(collection)];
    if (from === undefined) return [mongosh.createView(collection, to)];
    return hasSameCollation(from, to)
      ? [mongosh.collMod(collection, { viewOn: to.viewOn, pipeline: to.pipeline })]
      : [mongosh.drop(collection), mongosh.createView(collection, to)];
  },
};

/** Returns the commands for an attribute of an index: those that change the current index to one with the new attribute. */
function attribute<A extends IndexAttribute>(name: A): Commands<`index.${A}`> {
  return (place, _from, to, contents) => {
    const index = own(contents.indexes ?? {}, place.name);
    return index ? commands.index(place, index, withAttribute(index, name, to), contents) : [];
  };
}

/** Returns the command that changes an index in place; undefined when the index must be dropped and built again. */
function changesInPlace(
  collection: string,
  name: string,
  from: Index,
  to: Index,
  of: CollectionOptions,
): string[] | undefined {
  const change: Record<string, number | boolean> = {};
  if (from.expireAfterSeconds !== to.expireAfterSeconds) {
    // A TTL cannot be removed from an index, and cannot be changed on a time series.
    if (to.expireAfterSeconds === undefined || timeSeriesOf(of)) return undefined;
    change['expireAfterSeconds'] = to.expireAfterSeconds;
  }
  if (from.hidden !== to.hidden) change['hidden'] = to.hidden ?? false;
  if (from.prepareUnique !== to.prepareUnique) change['prepareUnique'] = to.prepareUnique ?? false;
  if (Object.keys(change).length === 0 || !equal('index', unchangeable(from), unchangeable(to))) return undefined;
  return [mongosh.collMod(collection, { index: { name, ...change } }) + noteOnTtl(from, to)];
}

function noteOnTtl(from: Index | undefined, { expireAfterSeconds: seconds }: Index): string {
  const before = from?.expireAfterSeconds ?? Infinity;
  return seconds !== undefined && seconds < before ? ` // deletes documents that are older than ${seconds} s` : '';
}

/** Returns the indexes that the server does not allow together with a new index: an equal one with another name, or another text index. */
function namesInTheWay(indexes: Readonly<Record<string, Index>>, name: string, index: Index): string[] {
  return Object.keys(indexes).filter((other) => {
    const there = own(indexes, other);
    return other !== name && there && checkIndexIn(new Map([[other, there]]), name, index) !== undefined;
  });
}
